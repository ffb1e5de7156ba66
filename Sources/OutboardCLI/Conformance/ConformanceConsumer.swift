import Foundation
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient

/// Our own consumer in this process: what it cannot use, no plugin of ours could.
struct ConformanceConsumer: Sendable {
    /// Counts as every plugin under test does.
    struct Counter: Plugin {
        static let manifest = Manifest(
            name: "conformance-counter", version: "1.0.0", summary: "Counts what a publisher under test publishes.")

        func effects(of event: Event<HTTPRequest>, into effects: inout Effects) {
            effects.increment(PluginAccount.counter)
            effects.increment(PluginAccount.family, field: "\(event.data.status)")
        }
    }

    let name: PluginName
    private let bus: ConformanceBus
    private let replica: OutboardRedis.Replica<Counter>
    private let ready: AsyncStream<Void>

    init(on bus: ConformanceBus) async throws {
        self.bus = bus
        name = try Counter.manifest.validatedName()
        let (ready, announce) = AsyncStream<Void>.makeStream()
        self.ready = ready
        replica = try await OutboardRedis.Replica(
            plugin: Counter(), name: name,
            settings: ReplicaSettings(
                redis: try RedisSettings(url: bus.redis.url), names: bus.names, lanes: ConformanceBus.lanes,
                host: "localhost", pid: Int(ProcessInfo.processInfo.processIdentifier)),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }, onReady: { announce.finish() })
    }

    /// Runs for the time of `body`, which begins when every lane is heard.
    func serving<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await replica.run() }
            for await _ in ready {}
            defer { group.cancelAll() }
            return try await body()
        }
    }

    /// Elements in which it saw no event, as it says itself each second.
    func malformed() async throws -> Int {
        let received = Int(try await figures()["received"] ?? "") ?? 0
        try? await bus.eventually("a new look", within: .seconds(2)) {
            Int(try await figures()["received"] ?? "") ?? 0 > received ? nil : "none"
        }  // where nothing new has come, what it said is what there is
        return Int(try await figures()["malformed"] ?? "") ?? 0
    }

    private func figures() async throws -> [String: String] { try await bus.hash(bus.names.replica(name, replica.id)) }
}
