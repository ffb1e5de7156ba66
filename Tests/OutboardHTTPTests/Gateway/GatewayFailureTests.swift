import Hummingbird
import Outboard
import Synchronization
import Testing

@testable import OutboardHTTP

@Suite("Gateway, when something fails", .timeLimit(.minutes(1)))
struct GatewayFailureTests {
    private func get(_ port: Int, _ head: String = "GET / HTTP/1.1\r\nHost: a\r\n") async throws -> String {
        try await RawConnection.open(port) { connection in
            try await connection.send(head + "Connection: close\r\n\r\n")
            return await connection.readToEnd()
        }
    }

    @Test("answers 502 when nobody listens there")
    func refused() async throws {
        let events = RecordedEvents()
        // A port that was free a moment ago.
        let free = try await withRawServer { _ in
        } _: {
            $0
        }
        let text = try await withGateway(to: free, events: events) { try await get($0) }
        #expect(text.hasPrefix("HTTP/1.1 502 ") && text.contains("application/problem+json"))
        #expect(try await events.next().event.status == 502)
        #expect(events.total == 1)
    }

    @Test(
        "answers 502 when the upstream speaks no HTTP, or ends before its answer", arguments: ["nonsense\r\n\r\n", ""])
    func nonsense(answer: String) async throws {
        let text = try await withRawServer { connection in
            try await connection.read(until: "\r\n\r\n")
            try await connection.send(answer)
        } _: { upstream in
            try await withGateway(to: upstream) { try await get($0) }
        }
        #expect(text.hasPrefix("HTTP/1.1 502 "))
    }

    @Test("sends a GET once more when the upstream hangs up, a POST never", arguments: [("GET", 2), ("POST", 1)])
    func hangsUp(method: String, attempts: Int) async throws {
        let seen = Mutex(0)
        let text = try await withRawServer { connection in
            try await connection.read(until: "\r\n\r\n")
            seen.withLock { $0 += 1 }
        } _: { upstream in
            try await withGateway(to: upstream) { port in
                try await get(port, "\(method) / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n")
            }
        }
        #expect(text.hasPrefix("HTTP/1.1 502 ") && seen.withLock { $0 } == attempts)
    }

    @Test("answers 504 when the upstream does not begin its answer in time")
    func silent() async throws {
        let events = RecordedEvents()
        let text = try await withRawServer { connection in
            while try await connection.read() != nil {}
        } _: { upstream in
            try await withGateway(to: upstream, events: events, settings: { $0.timeout = .milliseconds(150) }) { port in
                try await get(port)
            }
        }
        #expect(text.hasPrefix("HTTP/1.1 504 "))
        #expect(try await events.next().event.status == 504)
    }

    @Test("answers 504 when the upstream does not take the request's body")
    func deaf() async throws {
        let text = try await withRawServer { connection in
            try await connection.channel.setOption(.autoRead, value: false).get()
            // Until the test is over.
            for await _ in AsyncStream<Void>.makeStream().stream {}
        } _: { upstream in
            try await withGateway(to: upstream, settings: { $0.timeout = .milliseconds(300) }) { port in
                try await RawConnection.open(port) { connection in
                    try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000000\r\n\r\n")
                    let chunk = ByteBuffer(repeating: 0x61, count: 1 << 20)
                    do {
                        for _ in 0..<47 { try await connection.send(chunk) }
                    } catch {}  // the gateway has had enough
                    return await connection.readToEnd()
                }
            }
        }
        #expect(text.hasPrefix("HTTP/1.1 504 "))
    }

    @Test(
        "never completes a body that the upstream broke off",
        arguments: [
            "Content-Length: 100\r\n\r\nonly this", "Transfer-Encoding: chunked\r\n\r\n9\r\nonly this\r\n",
            "Transfer-Encoding: chunked\r\n\r\nff\r\nonly this",
        ])
    func brokenOff(answer: String) async throws {
        let events = RecordedEvents()
        let text = try await withRawServer { connection in
            try await connection.read(until: "\r\n\r\n")
            try await connection.send("HTTP/1.1 200 OK\r\n" + answer)
        } _: { upstream in
            try await withGateway(to: upstream, events: events) { port in
                try await RawConnection.open(port) { connection in
                    // Kept alive: only the gateway may end this connection.
                    try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    return await connection.readToEnd()
                }
            }
        }
        #expect(text.hasPrefix("HTTP/1.1 200 ") && !text.contains("\r\n0\r\n"))
        let event = try await events.next().event
        #expect(event.status == 200 && event.responseBytes <= 9)
        #expect(events.total == 1)
    }

    @Test("ends the connection when the upstream stops within its answer")
    func stops() async throws {
        let text = try await withRawServer { connection in
            try await connection.read(until: "\r\n\r\n")
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
            while try await connection.read() != nil {}
        } _: { upstream in
            // An answer that begins too late on a busy machine is a 504 on a connection that is kept: it must not be
            // taken for a hang.
            var limits = ServerLimits()
            limits.idle = .seconds(20)
            return try await withGateway(to: upstream, limits: limits, settings: { $0.timeout = .seconds(5) }) { port in
                try await RawConnection.open(port) { connection in
                    try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    return await connection.readToEnd()
                }
            }
        }
        #expect(text.hasSuffix("only this"))
    }

    @Test(
        "passes on an answer that comes before the request's body has, and ends the connection",
        arguments: ["HTTP/1.1 401 Unauthorized", "HTTP/1.1 200 OK"])
    func earlyAnswer(head: String) async throws {
        let events = RecordedEvents()
        let text = try await withRawServer { connection in
            try await connection.read(until: "\r\n\r\n")
            try await connection.send("\(head)\r\nContent-Length: 2\r\n\r\nno")
            while try await connection.read() != nil {}
        } _: { upstream in
            try await withGateway(to: upstream, events: events) { port in
                try await RawConnection.open(port) { connection in
                    // The rest of the body never comes.
                    try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome")
                    return await connection.readToEnd()
                }
            }
        }
        #expect(text.hasPrefix(head + "\r\n") && text.hasSuffix("\r\n\r\nno"))
        #expect(text.lowercased().contains("connection: close"))
        _ = try await events.next()
        #expect(events.total == 1)
    }

    @Test(
        "never completes a request that its client broke off",
        arguments: ["Content-Length: 100", "Transfer-Encoding: chunked"])
    func clientGone(framing: String) async throws {
        let (ends, continuation) = AsyncStream<String>.makeStream()
        let events = RecordedEvents()
        try await withRawServer { connection in
            continuation.yield(await connection.readToEnd())
        } _: { upstream in
            try await withGateway(to: upstream, events: events) { port in
                try await RawConnection.open(port) { connection in
                    try await connection.send("POST / HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n4\r\nsome\r\n")
                }
                for await text in ends {
                    #expect(!text.contains("\r\n0\r\n"))
                    break
                }
                _ = try await events.next()
            }
        }
        #expect(events.total == 1)
    }
}
