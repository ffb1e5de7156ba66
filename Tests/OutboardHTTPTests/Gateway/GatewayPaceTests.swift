import AsyncHTTPClient
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import Testing

@testable import OutboardHTTP

@Suite("Gateway, when it carries much", .timeLimit(.minutes(2)), .serialized)
struct GatewayPaceTests {
    /// Bytes between two sides, and the most there ever were.
    private final class Lead: Sendable {
        private let state = Mutex((now: 0, most: 0))

        var most: Int { state.withLock { $0.most } }

        func add(_ bytes: Int) {
            state.withLock { state in
                state.now += bytes
                state.most = max(state.most, state.now)
            }
        }
    }

    /// What may be under way of a body between two sides: a lead and its last part, what a channel takes before it says
    /// that it is full, and what the kernel keeps (4 MiB to send by `tcp_wmem`, twice `receiveBuffer` to receive).
    private static let bound = 8 << 20
    /// Less is less than a few segments of the loopback device: then TCP waits for its timer, segment by segment.
    private static let receiveBuffer = 512 << 10

    private static func piece(_ chunk: Int) -> ByteBuffer {
        let text = String(chunk, radix: 16) + "\r\n" + String(repeating: "a", count: chunk) + "\r\n"
        return ByteBuffer(string: String(repeating: text, count: max(1, (64 << 10) / chunk)))
    }

    /// Reads to the end of a chunked body.
    private static func drain(_ connection: inout RawConnection, _ lead: Lead) async throws {
        var tail = ""
        while !tail.hasSuffix("\r\n0\r\n\r\n"), let buffer = try await connection.take() {
            lead.add(-buffer.readableBytes)
            tail = String((tail + String(buffer: buffer).suffix(7)).suffix(7))
        }
    }

    private static func sink(_ connection: inout RawConnection, _ lead: Lead) async throws {
        try await drain(&connection, lead)
        try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    }

    /// The loop is to the reader what a slow upstream makes of it, and more so: each of its rounds takes a while.
    @Test("reads no further ahead of a slow loop to the upstream than a few megabytes", arguments: [8 << 10, 64 << 10])
    func slowLoop(part: Int) async throws {
        let lead = Lead()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = HTTPClient(eventLoopGroupProvider: .shared(group))
        let work = group.next().scheduleRepeatedTask(initialDelay: .zero, delay: .microseconds(100)) { _ in
            let end = ContinuousClock.now + .milliseconds(1)
            while .now < end {}
        }
        let buffer = ByteBuffer(repeating: 0x61, count: part)
        let left = Mutex(200_000_000 / part)
        let source = AsyncStream<ByteBuffer> {
            let isOver = left.withLock { left in
                left -= 1
                return left < 0
            }
            if isOver { return nil }
            lead.add(part)
            return buffer
        }
        let status = try await withRawServer(receiveBuffer: Self.receiveBuffer) { connection in
            try await Self.sink(&connection, lead)
        } _: { port in
            var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/")
            request.method = .POST
            let tap = RequestBodyTap(
                RequestBody(asyncSequence: source), length: nil, limit: .max,
                pace: LoopPace(client.eventLoopGroup.makeIterator()))
            request.body = .stream(tap, length: .unknown)
            return try await client.execute(request, timeout: .seconds(100)).status
        }
        #expect(status == .ok)
        #expect(lead.most < Self.bound)
        work.cancel()
        try await client.shutdown()
        try await group.shutdownGracefully()
    }

    private static let sizes = [(chunk: 1_000, megabytes: 50), (8 << 10, 200), (64 << 10, 200)]

    @Test("holds little of an upload, whatever the size of its chunks", arguments: sizes)
    func upload(chunk: Int, megabytes: Int) async throws {
        let lead = Lead()
        let piece = Self.piece(chunk)
        let text = try await withRawServer(receiveBuffer: Self.receiveBuffer) { connection in
            try await Self.sink(&connection, lead)
        } _: { upstream in
            try await withGateway(to: upstream, onRead: { lead.add($0) }) { port in
                try await RawConnection.open(port) { connection in
                    try await connection.send(
                        "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for _ in 0..<(megabytes << 20) / piece.readableBytes { try await connection.send(piece) }
                    try await connection.send("0\r\n\r\n")
                    return await connection.readToEnd()
                }
            }
        }
        #expect(text.hasPrefix("HTTP/1.1 200 "))
        #expect(lead.most < Self.bound)
    }

    @Test("holds little of an answer, whatever the size of its chunks", arguments: sizes)
    func download(chunk: Int, megabytes: Int) async throws {
        let lead = Lead()
        let piece = Self.piece(chunk)
        try await withRawServer { connection in
            try await connection.read(until: "\r\n\r\n")
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in 0..<(megabytes << 20) / piece.readableBytes { try await connection.send(piece) }
            try await connection.send("0\r\n\r\n")
        } _: { upstream in
            try await withGateway(to: upstream, onWrite: { lead.add($0) }) { port in
                try await RawConnection.open(port, receiveBuffer: Self.receiveBuffer) { connection in
                    try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    try await Self.drain(&connection, lead)
                }
            }
        }
        #expect(lead.most > 0 && lead.most < Self.bound)
    }
}
