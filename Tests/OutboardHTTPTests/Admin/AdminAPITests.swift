import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardTesting
import Processes
import RedisClient
import Testing

@testable import OutboardHTTP
@testable import OutboardRedis

/// The admin API on a real Redis with a plugin whose books and manifest were planted, against its own description.
@Suite(
    "Admin API", .timeLimit(.minutes(1)), .serialized,
    .enabled(if: ThrowawayRedis.isAvailable || ProcessInfo.processInfo.environment["REQUIRE_REDIS"] == "1"))
struct AdminAPITests {
    private static let token = "0123456789abcdef"

    private struct Counter: Plugin {
        struct Configuration: PluginConfiguration { var perMinute = true }
        static let manifest = Manifest(name: "counter", version: "1.0.0", summary: "Counts.")
        var configuration = Configuration()
        func effects(of event: Event<Outboard.HTTPRequest>, into effects: inout Effects) {}
    }

    private func withAPI(
        token: String? = Self.token,
        _ body: @escaping @Sendable (any TestClientProtocol, RedisConnection) async throws -> Void
    ) async throws {
        let redis = try await ThrowawayRedis.start()
        var configuration = try BusConfiguration()
        configuration.redis = try RedisSettings(url: redis.url)
        let names = configuration.names
        let directory = RedisPluginDirectory(
            configuration, eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let connection = try await configuration.connect(named: "test")
        let plugin = try PluginName("counter")
        let source = "/core-0123456789abcdef/http.request/0"
        for words in [
            ["SADD", names.plugins, "counter"],
            ["SET", names.manifest(plugin), try ManifestRegistry.json(Counter.manifest, of: Counter.self)],
            ["HSET", names.book(plugin, .applied), source, "3"], ["HSET", names.book(plugin, .handled), source, "3"],
            ["HSET", names.counters(plugin), "requests", "3"],
            ["HSET", names.counterFamily(plugin, "status"), "200", "3"],
            ["ZADD", names.replicas(plugin, type: "http.request"), "99999999999999", "counter-1"],
            ["HSET", names.replica(plugin, "counter-1"), "state", "running", "revision", "0"],
        ] {
            _ = try await connection.send(RedisCommand(words: words)).get()
        }
        let board = ServiceBoard(
            dataFolder: FileManager.default.temporaryDirectory.appending(path: "board-\(UUID().uuidString)"))
        let site = AdminSite(
            .init(
                version: "1.0.0", isServing: { true }, requests: { EventRecorder.Counts() },
                bus: { BusStatistics(accepted: 0, acknowledged: 0, dropped: 0, buffered: 0, connected: true) },
                directory: directory, token: token.map(AdminToken.init), events: EventStream(configuration),
                tracer: RequestTracer(configuration, clientName: "test"), services: board))
        try await Application(router: site.router()).test(.live) { client in try await body(client, connection) }
        try await connection.close().get()
        try redis.stop()
    }

    private func patch(
        _ client: any TestClientProtocol, _ body: String, plugin: String = "counter", token: String? = Self.token,
        type: String = "application/merge-patch+json"
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.contentType: type]
        if let token { headers[.authorization] = "Bearer \(token)" }
        return try await client.execute(
            uri: "/api/plugins/\(plugin)", method: .patch, headers: headers, body: ByteBuffer(string: body))
    }

    private func trial(
        _ client: any TestClientProtocol, _ body: String, plugin: String = "counter", token: String? = Self.token
    ) async throws -> TestResponse {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let token { headers[.authorization] = "Bearer \(token)" }
        return try await client.execute(
            uri: "/api/plugins/\(plugin)/trial", method: .post, headers: headers, body: ByteBuffer(string: body))
    }

    private func json(_ response: TestResponse) throws -> JSONValue {
        try #require(JSONValue(text: String(buffer: response.body)))
    }

    @Test("every path of openapi.json answers as it is described there")
    func described() async throws {
        try await withAPI { client, _ in
            let document = try json(try await client.execute(uri: "/api/openapi.json", method: .get))
            let schema = OpenAPISchema(document)
            // A stream without an end, and a poll for something that passes: each has its own tests.
            let others = ["/api/events", "/api/trace/{request_id}"]
            for (path, operations) in document.members["paths"]?.members ?? [:] where !others.contains(path) {
                guard let get = operations.members["get"] else { continue }
                let uri = path.replacing("{name}", with: "counter")
                let response = try await client.execute(uri: uri, method: .get)
                #expect(response.status == .ok, "\(path)")
                try schema.check(response, as: get, path: path)
            }
            for path in ["/api/plugins/nobody", "/api/plugins/nobody/counters"] {
                let response = try await client.execute(uri: path, method: .get)
                #expect(response.status == .notFound)
                let described = path.replacing("nobody", with: "{name}")
                let get = try #require(document.members["paths"]?.members[described]?.members["get"])
                try schema.check(response, as: get, path: path)
            }
            let change = try #require(document.members["paths"]?.members["/api/plugins/{name}"]?.members["patch"])
            for body in [#"{"state":"disabled","reason":"test"}"#, #"{"config":{"perMinute":1}}"#, "[", "{\"stat\":1}"]
            {
                try schema.check(try await patch(client, body), as: change, path: "PATCH \(body)")
            }
            try schema.check(try await patch(client, "{}", token: "wrong"), as: change, path: "PATCH without token")
            try schema.check(try await patch(client, "{}", type: "text/plain"), as: change, path: "PATCH of a text")
        }
    }

    @Test("a trial of settings changes nothing, and is refused as the change would be")
    func trials() async throws {
        try await withAPI { client, redis in
            let document = try json(try await client.execute(uri: "/api/openapi.json", method: .get))
            let post = try #require(
                document.members["paths"]?.members["/api/plugins/{name}/trial"]?.members["post"])
            let good = #"{"config":{"perMinute":false}}"#
            for (body, plugin, token, status) in [
                (good, "counter", Self.token, 200), (good, "nobody", Self.token, 404), (good, "counter", "wrong", 401),
                (#"{"config":{"other":1}}"#, "counter", Self.token, 422), ("{}", "counter", Self.token, 400),
                (#"{"config":{},"state":"disabled"}"#, "counter", Self.token, 400), ("[", "counter", Self.token, 400),
            ] {
                let response = try await trial(client, body, plugin: plugin, token: token)
                #expect(response.status.code == status, "\(body)")
                try OpenAPISchema(document).check(response, as: post, path: "POST \(body)")
            }
            let key = RedisNames().pluginControl(try PluginName("counter"))
            #expect(try await redis.send(RedisCommand("EXISTS", key)).get() == .integer(0))
        }
    }

    @Test("a change needs the token, and says what is wanted afterwards")
    func changes() async throws {
        try await withAPI { client, _ in
            #expect(try await patch(client, #"{"state":"disabled"}"#, token: nil).status == .unauthorized)
            #expect(
                try await patch(client, #"{"state":"disabled"}"#, token: "0123456789abcdeX").status == .unauthorized)
            let disabled = try json(try await patch(client, #"{"state":"disabled","reason":"why"}"#)).members
            #expect(disabled["state"] == .string("disabled") && disabled["revision"] == .integer(1))
            #expect(disabled["reason"] == .string("why"))
            let set = try json(try await patch(client, #"{"config":{"perMinute":false}}"#)).members
            #expect(set["config"] == .object(["perMinute": .bool(false)]) && set["state"] == .string("disabled"))
            let back = try json(try await patch(client, #"{"config":{"perMinute":null},"state":"enabled"}"#)).members
            #expect(back["config"] == .object([:]) && back["revision"] == .integer(3))
            let wrong = try await patch(client, #"{"config":{"perMinute":"x","other":1}}"#)
            #expect(wrong.status == .unprocessableContent)
            #expect(String(buffer: wrong.body).contains("no setting 'other'; it has: perMinute"))
            let misspelt = try await patch(client, #"{"status":"disabled"}"#)
            #expect(misspelt.status == .badRequest)
            #expect(String(buffer: misspelt.body).contains("only state, reason, config can be changed"))
            #expect(try await patch(client, "{}", plugin: "nobody").status == .notFound)
            let large = #"{"reason":""# + String(repeating: "x", count: 70_000) + "\"}"
            #expect(try await patch(client, large).status == .contentTooLarge)
        }
    }

    @Test("the doctor finds what is wrong on the bus, and says how to mend it")
    func doctor() async throws {
        try await withAPI { client, connection in
            let source = "/core-0123456789abcdef/http.request/0"
            _ = try await connection.send(RedisCommand("HSET", "outboard:{counter}:handled", source, "2")).get()
            let answer = try json(try await client.execute(uri: "/api/doctor", method: .get)).members
            #expect(answer["holds"] == .bool(false))
            guard case .array(let findings)? = answer["findings"] else {
                Issue.record("there are no findings")
                return
            }
            let topics = findings.map { $0.members["topic"] }
            for topic in ["redis", "memory", "disk", "clock", "counter"] { #expect(topics.contains(.string(topic))) }
            let wrong = try #require(
                findings.first { $0.text.contains("the books of 1 source do not balance") }?.members)
            #expect(wrong["verdict"] == .string("fail") && wrong["topic"] == .string("counter"))
            #expect(wrong["mend"]?.text.contains("outboard audit counter") == true)
        }
    }

    @Test("takes no changes where there is no token")
    func readOnly() async throws {
        try await withAPI(token: nil) { client, _ in
            let response = try await patch(client, #"{"state":"disabled"}"#)
            #expect(response.status == .forbidden)
            #expect(String(buffer: response.body).contains("OUTBOARD_ADMIN_TOKEN"))
        }
    }

    @Test("forgets a plugin that is gone, and none that lives")
    func forgets() async throws {
        try await withAPI { client, connection in
            let headers: HTTPFields = [.authorization: "Bearer \(Self.token)"]
            let lives = try await client.execute(uri: "/api/plugins/counter", method: .delete, headers: headers)
            #expect(lives.status == .conflict)
            _ = try await connection.send(RedisCommand("DEL", "outboard:{counter}:replicas:http.request")).get()
            let gone = try await client.execute(uri: "/api/plugins/counter", method: .delete, headers: headers)
            #expect(gone.status == .noContent)
            #expect(try await connection.send(RedisCommand("DBSIZE")).get().int64() == 0)
        }
    }

    @Test("shows events as they pass, those that are asked for")
    func events() async throws {
        let redis = try await ThrowawayRedis.start()
        var configuration = try BusConfiguration()
        configuration.redis = try RedisSettings(url: redis.url)
        let router = Router(context: CoreContext.self)
        let stream = EventStream(configuration)
        router.get("/api/events") { request, _ in try stream.response(to: request) }
        let names = configuration.names
        let publishing = try await configuration.connect(named: "test")
        try await withSite(router.buildResponder()) { port in
            try await RawConnection.open(port) { connection in
                try await connection.send("GET /api/events?status=5xx HTTP/1.1\r\nHost: h\r\n\r\n")
                #expect(try await connection.read(until: ": hears"))
                for status in [200, 503] {
                    let event =
                        #"{"specversion":"1.0","source":"/p-1/http.request/0","id":"1","type":"http.request","#
                        + #""time":"2026-11-26T10:00:00Z","data":{"method":"GET","path":"/","status":\#(status)}}"#
                    let channel = names.events(type: "http.request", lane: 0)
                    _ = try await publishing.send(RedisCommand("PUBLISH", channel, event)).get()
                }
                #expect(try await connection.read(until: #""status":503}"#))
                #expect(!connection.received.contains(#""status":200}"#))
                #expect(connection.received.lowercased().contains("content-type: text/event-stream"))
            }
        }
        try await publishing.close().get()
        try redis.stop()
    }

    @Test("compares tokens as a whole")
    func tokens() {
        let token = AdminToken("secret")
        #expect(token.equals("secret"))
        for wrong in ["", "secre", "secrets", "Secret", "secretsecret"] { #expect(!token.equals(wrong)) }
    }
}
