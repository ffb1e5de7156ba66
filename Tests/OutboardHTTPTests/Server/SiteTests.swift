import Hummingbird
import Outboard
import Testing

@testable import OutboardHTTP

@Suite("A site on the wire", .timeLimit(.minutes(1)))
struct SiteTests {
    private func demo(_ events: RecordedEvents = RecordedEvents()) -> some HTTPResponder<CoreContext> {
        let router = Router(context: CoreContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: RequestEvents(events.recorder))
        router.add(middleware: ProblemResponses())
        DemoSite.add(to: router)
        return router.buildResponder()
    }

    @Test("answers pipelined requests in order and makes an event of each")
    func pipelining() async throws {
        let events = RecordedEvents()
        try await withSite(demo(events)) { port in
            try await RawConnection.open(port) { connection in
                let one = "GET /users/%d HTTP/1.1\r\nHost: a\r\n\r\n"
                let all = (0..<20).map { one.replacing("%d", with: "\($0)") }.joined()
                try await connection.send(all + "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let text = await connection.readToEnd()
                let bodies = text.split(separator: "\r\n\r\n").dropFirst().compactMap {
                    $0.split(separator: "\n").first
                }
                #expect(bodies.map(String.init) == (0..<20).map { "User \($0)" } + ["Hello from Outboard"])
            }
            for number in 0..<20 { #expect(try await events.next().event.path == "/users/\(number)") }
            #expect(try await events.next().event.responseBytes == 20)
        }
        #expect(events.total == 21)
    }

    @Test("answers HEAD without a body, also where the length is unknown")
    func head() async throws {
        let streaming = ClosureResponder { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "never seen"))
                    try await writer.finish(nil)
                })
        }
        try await withSite(streaming) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
                try await connection.read(until: "\r\n\r\n")
                try await connection.send("HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let text = await connection.readToEnd()
                #expect(text.split(separator: "\r\n\r\n").count == 2)
                #expect(text.hasSuffix("\r\n\r\n") && !text.contains("never") && !text.contains("\r\n0\r\n"))
            }
        }
    }

    @Test("answers 431 to a head beyond the limits", arguments: [(1, 70_000), (300, 10)])
    func hugeHead(fields: Int, size: Int) async throws {
        try await withSite(demo()) { port in
            try await RawConnection.open(port) { connection in
                let lines = (0..<fields).map { "X-\($0): \(String(repeating: "a", count: size))\r\n" }.joined()
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\(lines)\r\n")
                let text = await connection.readToEnd()
                #expect(text.hasPrefix("HTTP/1.1 431 ") && text.contains("\"status\":431"))
            }
        }
    }

    @Test("answers 400 to what is no HTTP and ends the connection")
    func garbage() async throws {
        try await withSite(demo()) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send("\u{1}\u{2}nonsense\r\n\r\n")
                #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 400 "))
            }
        }
    }

    @Test("speaks HTTP/1.0: no chunks, and the connection ends")
    func http10() async throws {
        let streaming = ClosureResponder { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "old but good"))
                    try await writer.finish(nil)
                })
        }
        try await withSite(streaming) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send("GET / HTTP/1.0\r\n\r\n")
                let text = await connection.readToEnd()
                #expect(text.hasPrefix("HTTP/1.0 200 ") && text.hasSuffix("\r\n\r\nold but good"))
                #expect(!text.lowercased().contains("chunked"))
            }
        }
    }

    @Test("tells a client that waits for it to go on")
    func expectContinue() async throws {
        let echo = ClosureResponder { request, _ in
            Response(status: .ok, body: ResponseBody(byteBuffer: try await request.body.collect(upTo: 100)))
        }
        try await withSite(echo) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send(
                    "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
                )
                try await connection.read(until: "HTTP/1.1 100 Continue\r\n\r\n")
                try await connection.send("hi")
                #expect(await connection.readToEnd().hasSuffix("\r\n\r\nhi"))
            }
        }
    }

    @Test("ends a connection whose request does not come")
    func idle() async throws {
        var limits = ServerLimits()
        limits.idle = .milliseconds(100)
        try await withSite(demo(), limits: limits) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send("GET /hello HT")
                #expect(await connection.readToEnd() == "")
            }
        }
    }

    @Test("ends a connection whose client takes nothing of a response, and makes its event")
    func stalledReader() async throws {
        let events = RecordedEvents()
        var limits = ServerLimits()
        limits.stalledWrite = .milliseconds(100)
        let endless = ClosureResponder { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    let chunk = ByteBuffer(repeating: 0x61, count: 1 << 20)
                    while true { try await writer.write(chunk) }
                })
        }
        let middleware = RequestEvents<CoreContext>(events.recorder)
        let observed = ClosureResponder { request, context in
            try await middleware.handle(request, context: context) { try await endless.respond(to: $0, context: $1) }
        }
        try await withSite(observed, limits: limits) { port in
            try await RawConnection.open(port) { connection in
                try await connection.channel.setOption(.autoRead, value: false).get()
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                let event = try await events.next().event
                #expect(event.status == 200 && event.responseBytes > 0)
            }
        }
        #expect(events.total == 1)
    }

    @Test("makes one event when the client goes away within the response")
    func clientGone() async throws {
        let events = RecordedEvents()
        let (gone, continuation) = AsyncStream<Void>.makeStream()
        let responder = ClosureResponder { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "begin"))
                    for await _ in gone {}
                    while true { try await writer.write(ByteBuffer(repeating: 0x61, count: 1 << 16)) }
                })
        }
        let middleware = RequestEvents<CoreContext>(events.recorder)
        let observed = ClosureResponder { request, context in
            try await middleware.handle(request, context: context) { try await responder.respond(to: $0, context: $1) }
        }
        try await withSite(observed) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try await connection.read(until: "begin")
            }
            continuation.finish()
            let event = try await events.next().event
            #expect(event.status == 200 && event.responseBytes >= 5)
        }
        #expect(events.total == 1)
    }

    @Test(
        "bounds what /slow may ask for", arguments: [("10001", 400), ("-1", 400), ("x", 400), ("0", 200), ("5", 200)])
    func slow(ms: String, status: Int) async throws {
        try await withSite(demo()) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send("GET /slow?ms=\(ms) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                #expect(await connection.readToEnd().hasPrefix("HTTP/1.1 \(status) "))
            }
        }
    }
}
