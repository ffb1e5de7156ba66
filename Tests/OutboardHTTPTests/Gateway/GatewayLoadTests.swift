import AsyncHTTPClient
import Hummingbird
import NIOCore
import NIOHTTP1
import Outboard
import Synchronization
import Testing

@testable import OutboardHTTP

#if canImport(Glibc)
    import Glibc
#endif

/// One after another: they measure the memory of the process.
@Suite("Gateway under load", .serialized, .timeLimit(.minutes(2)))
struct GatewayLoadTests {
    private static let chunk = ByteBuffer(repeating: 0x61, count: 1 << 16)
    private static let chunks = 1_600  // 100 MiB

    private struct Chunks: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        struct AsyncIterator: AsyncIteratorProtocol {
            var left = GatewayLoadTests.chunks

            mutating func next() async throws -> ByteBuffer? {
                guard left > 0 else { return nil }
                left -= 1
                return GatewayLoadTests.chunk
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
    }

    @Test("streams 100 MB of chunks up with flat memory")
    func upload() async throws {
        let sink = ClosureResponder { request, _ in
            var count = 0
            for try await buffer in request.body { count += buffer.readableBytes }
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "\(count)")))
        }
        let events = RecordedEvents()
        try await withSite(sink) { upstream in
            try await withGateway(to: upstream, events: events) { port in
                let before = try #require(ProcessMemory.resident)
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
                request.method = .POST
                request.body = .stream(Chunks(), length: .unknown)
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
                let total = Self.chunks << 16
                #expect(String(buffer: try await response.body.collect(upTo: 100)) == "\(total)")
                #expect(try #require(ProcessMemory.resident) - before < 64 << 20)
                #expect(try await events.next().event.requestBytes == total)
            }
        }
    }

    @Test("streams 100 MB of chunks down with flat memory")
    func download() async throws {
        let source = ClosureResponder { _, _ in
            Response(status: .ok, body: ResponseBody(asyncSequence: Chunks()))
        }
        let events = RecordedEvents()
        try await withSite(source) { upstream in
            try await withGateway(to: upstream, events: events) { port in
                let before = try #require(ProcessMemory.resident)
                let request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
                let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
                var count = 0
                var peak = before
                for try await buffer in response.body {
                    count += buffer.readableBytes
                    peak = max(peak, ProcessMemory.resident ?? 0)
                }
                #expect(count == Self.chunks << 16)
                #expect(peak - before < 64 << 20)
                #expect(try await events.next().event.responseBytes == count)
            }
        }
    }

    @Test("holds the upstream back while the client takes nothing")
    func slowClient() async throws {
        let written = Mutex(0)
        let source = ClosureResponder { request, _ in
            guard request.uri.path == "/endless" else { return Response(status: .ok) }
            return Response(
                status: .ok,
                body: ResponseBody { writer in
                    while true {
                        try await writer.write(Self.chunk)
                        written.withLock { $0 += Self.chunk.readableBytes }
                    }
                })
        }
        try await withSite(source) { upstream in
            try await withGateway(to: upstream) { port in
                let before = try #require(ProcessMemory.resident)
                let url = "http://127.0.0.1:\(port)"
                let endless = try await HTTPClient.shared.execute(
                    HTTPClientRequest(url: url + "/endless"), timeout: .seconds(60))
                var body = endless.body.makeAsyncIterator()
                _ = try await body.next()
                // Others are served meanwhile. The writer rests when it has not moved for a hundred of them; what it has
                // written by then fills the buffers of the kernel (36 MiB a connection here), not ours.
                var last = -1
                while last != written.withLock({ $0 }) {
                    last = written.withLock { $0 }
                    try #require(last < 512 << 20)
                    for _ in 0..<100 {
                        let other = try await HTTPClient.shared.execute(
                            HTTPClientRequest(url: url), timeout: .seconds(10))
                        #expect(other.status == .ok)
                    }
                }
                #expect(try #require(ProcessMemory.resident) - before < 64 << 20)
                #expect(try await body.next() != nil)
            }
        }
    }

    @Test("carries 1000 requests at once")
    func thousand() async throws {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        #expect(getrlimit(resource, &limit) == 0)
        limit.rlim_cur = limit.rlim_max
        #expect(setrlimit(resource, &limit) == 0)
        try #require(limit.rlim_cur > 4_500)

        let count = 1_000
        let barrier = Barrier(count)
        let upstream = ClosureResponder { _, _ in
            await barrier.arrive()
            return Response(status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "together")))
        }
        let events = RecordedEvents()
        try await withSite(upstream) { upstream in
            try await withGateway(to: upstream, events: events) { port in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<count {
                        group.addTask {
                            try await RawConnection.open(port) { connection in
                                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                                #expect(try await connection.read(until: "together"))
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                for _ in 0..<count { #expect(try await events.next().event.status == 200) }
            }
        }
        #expect(events.total == count)
    }
}

/// Lets nobody pass before all have come.
private final class Barrier: Sendable {
    private struct State {
        var missing: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        self.state = Mutex(State(missing: count))
    }

    func arrive() async {
        await withCheckedContinuation { continuation in
            let released = state.withLock { state in
                state.missing -= 1
                state.waiting.append(continuation)
                guard state.missing <= 0 else { return [CheckedContinuation<Void, Never>]() }
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in released { continuation.resume() }
        }
    }
}
