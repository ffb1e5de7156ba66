import HTTPTypes
import Hummingbird
import Outboard
import Synchronization
import Testing

@testable import OutboardHTTP

@Suite("Gateway", .timeLimit(.minutes(1)))
struct GatewayTests {
    /// Answers with the request's head as text, and its body behind it.
    private static let mirror = ClosureResponder { request, _ in
        var text = "\(request.method) \(request.head.path ?? "")\nhost: \(request.head.authority ?? "")\n"
        for field in request.headers { text += "\(field.name.canonicalName): \(field.value)\n" }
        text += "\n" + String(buffer: try await request.body.collect(upTo: 1 << 20))
        return Response(
            status: .created, headers: [.connection: "x-hop", HTTPField.Name("X-Hop")!: "1", .setCookie: "a=1"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    @Test(
        "passes requests on and answers back, whatever the method",
        arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
    func relays(method: String) async throws {
        let events = RecordedEvents()
        try await withSite(Self.mirror) { upstream in
            try await withGateway(to: upstream, events: events) { port in
                try await RawConnection.open(port) { connection in
                    let body = method == "GET" ? "" : "some body"
                    try await connection.send(
                        "\(method) /a%2Fb?c=d HTTP/1.1\r\nHost: shop.example\r\nContent-Length: \(body.utf8.count)\r\n"
                            + "Connection: close, x-mine\r\nX-Mine: 1\r\nTE: trailers\r\nX-Forwarded-For: 6.6.6.6\r\n"
                            + "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n\(body)")
                    let text = await connection.readToEnd()
                    let recorded = try await events.next()
                    #expect(text.hasPrefix("HTTP/1.1 201 Created\r\n") && text.hasSuffix("\n\n" + body))
                    #expect(text.contains("\(method) /a%2Fb?c=d\nhost: shop.example\n"))
                    #expect(!text.contains("x-mine") && !text.contains("te: trailers") && !text.contains("X-Hop"))
                    #expect(text.contains("\nx-forwarded-for: 127.0.0.1\n") && text.contains("a=1"))
                    #expect(text.contains("\nx-request-id: \(recorded.event.requestID)\n"))
                    #expect(text.contains("\ntraceparent: \(recorded.traceparent)\n"))
                    #expect(recorded.traceparent.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-"))
                    #expect(recorded.event.method == method && recorded.event.route == nil)
                    #expect(recorded.event.status == 201 && recorded.event.requestBytes == body.utf8.count)
                }
            }
        }
        #expect(events.total == 1)
    }

    @Test("keeps connections alive on both sides")
    func keepAlive() async throws {
        let connections = Mutex(0)
        try await withRawServer { connection in
            connections.withLock { $0 += 1 }
            for count in 1... {
                while connection.received.components("\r\n\r\n") <= count - 1 {
                    guard try await connection.read() != nil else { return }
                }
                try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        } _: { upstream in
            try await withGateway(to: upstream) { port in
                try await RawConnection.open(port) { connection in
                    for count in 1...50 {
                        try await connection.send("GET /\(count) HTTP/1.1\r\nHost: a\r\n\r\n")
                        while connection.received.components("\r\n\r\nok") < count { _ = try await connection.read() }
                    }
                }
            }
        }
        #expect(connections.withLock { $0 } == 1)
    }

    @Test(
        "answers to HEAD and of 204 and 304 have no body",
        arguments: [
            ("HEAD", "200 OK\r\nContent-Length: 12345", true), ("HEAD", "200 OK", false),
            ("GET", "204 No Content", false), ("GET", "304 Not Modified", false),
        ])
    func bodyless(method: String, head: String, hasLength: Bool) async throws {
        try await withRawServer { connection in
            try await connection.read(until: "\r\n\r\n")
            try await connection.send("HTTP/1.1 \(head)\r\n\r\n")
        } _: { upstream in
            try await withGateway(to: upstream) { port in
                try await RawConnection.open(port) { connection in
                    try await connection.send("\(method) / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    let text = await connection.readToEnd()
                    #expect(text.hasPrefix("HTTP/1.1 \(head.prefix(3)) ") && text.hasSuffix("\r\n\r\n"))
                    #expect(text.components("\r\n\r\n") == 1 && !text.contains("\r\n0\r\n"))
                    #expect(text.contains("Content-Length: 12345") == hasLength)
                }
            }
        }
    }

    @Test("streams both ways at once")
    func duplex() async throws {
        let echo = ClosureResponder { request, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "begin;"))
                    try await writer.write(request.body)
                    try await writer.finish(nil)
                })
        }
        try await withSite(echo) { upstream in
            try await withGateway(to: upstream) { port in
                try await RawConnection.open(port) { connection in
                    try await connection.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                    #expect(try await connection.read(until: "begin;"))
                    for number in 1...20 {
                        try await connection.send("6\r\nball\(10 + number)\r\n")
                        #expect(try await connection.read(until: "ball\(10 + number)"))
                    }
                    try await connection.send("0\r\n\r\n")
                    #expect(try await connection.read(until: "\r\n0\r\n\r\n"))
                }
            }
        }
    }

    @Test("refuses too large a body: announced, before the upstream is asked; unannounced, when it is too much")
    func tooLarge() async throws {
        let asked = Mutex(0)
        let sink = ClosureResponder { request, _ in
            asked.withLock { $0 += 1 }
            for try await _ in request.body {}
            return Response(status: .ok)
        }
        try await withSite(sink) { upstream in
            try await withGateway(to: upstream, settings: { $0.maxBodyBytes = 1_000 }) { port in
                try await RawConnection.open(port) { connection in
                    try await connection.send(
                        "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n")
                    let text = await connection.readToEnd()
                    #expect(text.hasPrefix("HTTP/1.1 413 ") && text.contains("application/problem+json"))
                    #expect(asked.withLock { $0 } == 0)
                }
                try await RawConnection.open(port) { connection in
                    let chunk = String(repeating: "a", count: 501)
                    try await connection.send(
                        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                            + "1f5\r\n\(chunk)\r\n1f5\r\n\(chunk)\r\n")
                    #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 413 "))
                }
            }
        }
    }
}

extension String {
    /// How often `part` occurs.
    func components(_ part: String) -> Int { ranges(of: part).count }
}
