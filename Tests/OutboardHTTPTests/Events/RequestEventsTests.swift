import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Outboard
import Testing

@testable import OutboardHTTP

@Suite("RequestEvents", .timeLimit(.minutes(1)))
struct RequestEventsTests {
    private struct Broken: Error {}

    private func application(_ events: RecordedEvents, options: RequestEventOptions = .init())
        -> some ApplicationProtocol
    {
        let router = Router(options: [.autoGenerateHeadEndpoints])
        router.add(middleware: RequestEvents(events.recorder, options: options))
        router.get("/hello") { _, _ in "hello" }
        router.get("/users/:id") { _, _ in RequestIdentity.current?.traceparent ?? "" }
        router.get("/teapot") { _, _ -> String in throw HTTPError(.init(code: 418), message: "short and stout") }
        router.get("/broken") { _, _ -> String in throw Broken() }
        router.post("/read") { request, _ in String(try await request.body.collect(upTo: 1 << 20).readableBytes) }
        router.post("/ignore") { _, _ in "ignored" }
        router.get("/stream") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    for _ in 0..<10 { try await writer.write(ByteBuffer(string: "0123456789")) }
                    try await writer.finish(nil)
                })
        }
        router.get("/cut") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "01234"))
                    throw Broken()
                })
        }
        return Application(router: router)
    }

    @Test(
        "makes one event of a request, whatever becomes of it",
        arguments: [
            ("GET", "/hello", 200, "/hello", 5), ("HEAD", "/hello", 200, "/hello", 0),
            ("GET", "/users/7?secret=1", 200, "/users/{id}", 55), ("GET", "/nowhere", 404, nil, 0),
            ("HEAD", "/nowhere", 404, nil, 0), ("DELETE", "/hello", 404, nil, 0),
            ("GET", "/teapot", 418, "/teapot", 39), ("GET", "/broken", 500, "/broken", 0),
            ("GET", "/stream", 200, "/stream", 100),
        ] as [(String, String, Int, String?, Int)])
    func oneEvent(method: String, uri: String, status: Int, route: String?, bytes: Int) async throws {
        let events = RecordedEvents()
        try await application(events).test(.live) { client in
            let method = try #require(HTTPTypes.HTTPRequest.Method(method))
            let response = try await client.execute(uri: uri, method: method, headers: [.userAgent: "test"])
            let event = try await events.next().event
            #expect(response.status.code == status && event.status == status)
            #expect(event.method == method.rawValue && event.route == route && event.responseBytes == bytes)
            #expect(event.path == uri.split(separator: "?").first.map(String.init) && event.query == nil)
            #expect(event.userAgent == "test" && event.durationMicroseconds > 0)
            #expect(response.headers[.xRequestID] == event.requestID)
        }
        #expect(events.total == 1)
    }

    @Test("counts the bytes of a body that are read", arguments: [("/read", 5_000), ("/ignore", 0)])
    func requestBytes(uri: String, count: Int) async throws {
        let events = RecordedEvents()
        try await application(events).test(.live) { client in
            let body = ByteBuffer(repeating: 0x61, count: 5_000)
            _ = try await client.execute(uri: uri, method: .post, body: body)
        }
        #expect(try await events.next().event.requestBytes == count)
        #expect(events.total == 1)
    }

    @Test("makes an event of a response that breaks off")
    func cut() async throws {
        let events = RecordedEvents()
        try await application(events).test(.live) { client in
            await #expect(throws: (any Error).self) { try await client.execute(uri: "/cut", method: .get) }
            let event = try await events.next().event
            #expect(event.status == 200 && event.responseBytes == 5)
        }
        #expect(events.total == 1)
    }

    @Test("makes an event of a response that another middleware replaces")
    func replaced() async throws {
        struct Replacing<Context: RequestContext>: RouterMiddleware {
            func handle(
                _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
            ) async throws -> Response {
                _ = try await next(request, context)
                return Response(status: .accepted)
            }
        }
        let events = RecordedEvents()
        let router = Router()
        router.add(middleware: Replacing())
        router.add(middleware: RequestEvents(events.recorder))
        router.get("/hello") { _, _ in "hello" }
        try await Application(router: router).test(.router) { client in
            _ = try await client.execute(uri: "/hello", method: .get)
            #expect(try await events.next().event.status == 200)
        }
        #expect(events.total == 1)
    }

    @Test("says the query, chosen headers and the client behind a proxy where that is asked for")
    func options() async throws {
        let events = RecordedEvents()
        let options = try RequestEventOptions(
            includesQuery: true, headers: ["X-Tenant", "x-absent"], trustedProxies: 1)
        try await application(events, options: options).test(.live) { client in
            _ = try await client.execute(
                uri: "/hello?a=1&b", method: .get,
                headers: [.xForwardedFor: "9.9.9.9, 1.2.3.4", HTTPField.Name("X-Tenant")!: "t1"])
        }
        let event = try await events.next().event
        #expect(event.query == "a=1&b" && event.headers == ["x-tenant": "t1"] && event.client == "1.2.3.4")
    }

    @Test("binds the identity for the handler and gives it to the event")
    func identity() async throws {
        let events = RecordedEvents()
        try await application(events).test(.live) { client in
            let response = try await client.execute(
                uri: "/users/1", method: .get,
                headers: [
                    .w3cTraceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", .xRequestID: "mine",
                ])
            let recorded = try await events.next()
            #expect(String(buffer: response.body) == recorded.traceparent)
            #expect(recorded.traceparent.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-"))
            #expect(recorded.event.requestID == "mine" && response.headers[.xRequestID] == "mine")
        }
    }

    @Test("answers as ever when the bus refuses events")
    func refusal() async throws {
        let recorder = EventRecorder(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) { _, _ in
            throw EventError.tooLarge(bytes: 2 << 20)
        }
        let router = Router()
        router.add(middleware: RequestEvents(recorder))
        router.get("/hello") { _, _ in "hello" }
        try await Application(router: router).test(.router) { client in
            for _ in 0..<5 {
                let response = try await client.execute(uri: "/hello", method: .get)
                #expect(response.status == .ok)
            }
        }
        #expect(recorder.counts.refused == 5 && recorder.counts.byStatusClass == [0, 0, 5, 0, 0, 0])
    }
}
