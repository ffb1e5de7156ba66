import Foundation
import NIOCore
import OutboardTesting
import Testing

/// Clients that are slow, or go away: they harm nobody else.
@Suite("The gateway's difficult clients", .timeLimit(.minutes(2)))
struct GatewayClientTests {
    @Test("holds the application back while a client takes nothing, serves others, and lets go with the client")
    func slowClient() async throws {
        try await RunningGateway.with { core, upstream in
            let url = "http://127.0.0.1:\(core.port)"
            _ = try await HTTP.get(url)
            let before = try core.memory
            // Asks for 1 GiB and reads nothing of it.
            let client = try await RunningGateway.connect(core)
            try await client.writeAndFlush(ByteBuffer(string: "GET /source/16384 HTTP/1.1\r\nHost: a\r\n\r\n")).get()
            try await eventually(upstream) { upstream.tally.chunksSent > 0 }
            // It rests when it has not moved for two hundred requests of others; what it has sent by then fills the
            // kernel's buffers.
            var last = -1
            while last != upstream.tally.chunksSent {
                last = upstream.tally.chunksSent
                try #require(last < 8_192)
                let others = try await HTTPLoad.run(200, port: core.port, connections: 2)
                #expect(others.statuses == [200: 200])
            }
            #expect(try core.memory - before < RunningGateway.flat)
            try await client.close().get()
            try await eventually(upstream) { upstream.tally.brokenOff == 1 }
        }
    }

    @Test("lets a client take its time to send, and serves others meanwhile")
    func slowSender() async throws {
        try await RunningGateway.with { core, upstream in
            let client = try await RunningGateway.connect(core)
            let request =
                "POST /sink HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n" + String(repeating: "b", count: 20)
            for byte in request.utf8 {
                try await client.writeAndFlush(ByteBuffer(bytes: [byte])).get()
                let other = try await HTTPLoad.run(2, port: core.port, connections: 1)
                #expect(other.statuses == [200: 2])
            }
            try await eventually(upstream) { upstream.tally.answered.contains("20") }
            #expect(upstream.tally.brokenOff == 0)
            try await client.close().get()
        }
    }

    @Test(
        "breaks off towards the application when its client goes away within the body",
        arguments: ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
    func gone(framing: String) async throws {
        try await RunningGateway.with { core, upstream in
            let client = try await RunningGateway.connect(core)
            try await client.writeAndFlush(
                ByteBuffer(string: "POST /sink HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n4\r\nsome\r\n")
            ).get()
            try await eventually(upstream) { upstream.tally.requests == 1 }
            try await client.close().get()
            try await eventually(upstream) { upstream.tally.brokenOff == 1 }
            #expect(upstream.tally.answered.isEmpty)
            let next = try await HTTP.get("http://127.0.0.1:\(core.port)/")
            #expect(next.status == 200)
        }
    }

    /// Waits for something that nobody announces; polls, 10 s at most.
    private func eventually(
        _ upstream: Upstream, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(10)) }
        #expect(condition(), "\(upstream.tally)", sourceLocation: sourceLocation)
    }
}
