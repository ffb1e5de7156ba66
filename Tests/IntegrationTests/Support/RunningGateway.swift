import NIOCore
import NIOPosix
import OutboardTesting
import Processes
import Testing

/// The core as a gateway, a process of its own, before an application. No Redis: requests do not need one.
enum RunningGateway {
    /// Growth of memory that buffers explain: those of two sockets, and what the allocator keeps.
    static let flat = 48 << 20

    static func with(
        _ settings: [String: String] = [:],
        _ body: @escaping @Sendable (_ core: Core, _ upstream: Upstream) async throws -> Void
    ) async throws {
        let nobody = try #require(LoopbackPort.free())
        try await Upstream.with { upstream, port in
            let environment = [
                "OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(nobody)", "OUTBOARD_UPSTREAM": "http://127.0.0.1:\(port)",
                // glibc gives freed buffers back at once (mallopt(3)): what is measured is what the gateway holds, and not
                // what the allocator keeps of what it once held.
                "MALLOC_MMAP_THRESHOLD_": "32768", "MALLOC_TRIM_THRESHOLD_": "65536",
            ]
            try await Core.with(environment.merging(settings) { $1 }) { try await body($0, upstream) }
        }
    }

    /// A connection of a client that reads nothing by itself.
    static func connect(_ core: Core) async throws -> any Channel {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: core.port).get()
    }
}
