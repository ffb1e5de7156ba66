import Foundation
import Hummingbird
import HummingbirdTesting
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardHTTP
@testable import OutboardRedis

/// `GET /api/trace/{request_id}` on a real Redis with a planted plugin.
@Suite(
    "Traces by the admin API", .timeLimit(.minutes(1)),
    .enabled(if: ThrowawayRedis.isAvailable || ProcessInfo.processInfo.environment["REQUIRE_REDIS"] == "1"))
struct TraceRouteTests {
    private static let manifest = #"""
        {"effects":[{"kind":"counter","name":"requests","key":"counters"},
        {"kind":"series","name":"requests","key":"series:requests:minute","unit":"minute"}],
        "name":"counter","protocol":1,"subscribes":["http.request"],"version":"1.0.0"}
        """#

    private struct API: Sendable {
        let port: Int
        let redis: RedisConnection
        let document: JSONValue
        private static let channel = RedisNames().events(type: "http.request", lane: 1)

        /// Asks for a trace, over a connection of its own, and checks the answer against openapi.json.
        func trace(_ uri: String) async throws -> (status: Int, json: JSONValue) {
            let text = try await RawConnection.open(port) { connection in
                try await connection.send("GET /api/trace/\(uri) HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
                return await connection.readToEnd()
            }
            let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
            let status = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
            let body = try #require(parts.last.map(String.init))
            let type = text.lowercased().contains("content-type: application/problem+json") ? "problem+json" : "json"
            let get = try #require(document.members["paths"]?.members["/api/trace/{request_id}"]?.members["get"])
            try OpenAPISchema(document).check(
                status: status, type: "application/\(type)", body: body, as: get, path: uri)
            return (status, try #require(JSONValue(text: body)))
        }

        /// Waits until so many traces hear the channel; Redis tells nobody who subscribes.
        func hearers(_ count: Int) async throws {
            while try await redis.send(RedisCommand("PUBSUB", "NUMSUB", Self.channel)).get().array()[1].int64() != count
            {
                await Task.yield()
            }
        }

        func publish(_ id: Int, requestID: String) async throws {
            let event =
                #"{"specversion":"1.0","source":"/core-1/http.request/1","id":"\#(id)","type":"http.request","#
                + #""time":"2026-11-20T23:15:42.117000Z","data":{"method":"GET","path":"/hello","status":200,"#
                + #""request_id":"\#(requestID)"}}"#
            _ = try await redis.send(RedisCommand("PUBLISH", Self.channel, event)).get()
        }

        func apply(_ fence: Int) async throws {
            let book = RedisNames().book(try PluginName("counter"), .applied)
            _ = try await redis.send(RedisCommand("HSET", book, "/core-1/http.request/1", "\(fence)")).get()
        }
    }

    private func withAPI(_ body: @escaping @Sendable (API) async throws -> Void) async throws {
        let redis = try await ThrowawayRedis.start()
        var configuration = try BusConfiguration()
        configuration.redis = try RedisSettings(url: redis.url)
        let names = configuration.names
        let connection = try await configuration.connect(named: "test")
        for words in [
            ["HSET", names.bus, RedisNames.lanes, "2"], ["SADD", names.plugins, "counter"],
            ["SET", names.manifest(try PluginName("counter")), Self.manifest],
        ] {
            _ = try await connection.send(RedisCommand(words: words)).get()
        }
        let router = Router(context: CoreContext.self)
        router.add(middleware: ProblemResponses())
        TraceRoute(RequestTracer(configuration, clientName: "test")).add(to: router)
        let document = try #require(JSONValue(text: String(decoding: PackageResources.openapi_json, as: UTF8.self)))
        try await withSite(router.buildResponder()) { port in
            try await body(API(port: port, redis: connection, document: document))
        }
        try await connection.close().get()
        try redis.stop()
    }

    @Test("answers when the fence has passed the event, with what the plugin writes")
    func dealtWith() async throws {
        try await withAPI { api in
            async let answer = api.trace("a%2Fb-13")
            try await api.hearers(1)
            try await api.publish(12, requestID: "other")
            try await api.publish(13, requestID: "a/b-13")
            try await api.apply(13)
            let (status, json) = try await answer
            #expect(status == 200)
            #expect(json.members["source"] == .string("/core-1/http.request/1"))
            #expect(json.members["id"] == .integer(13) && json.members["lane"] == .integer(1))
            #expect(json.members["request"] == .string("GET /hello 200"))
            guard case .array(let steps)? = json.members["plugins"], let step = steps.first?.members else {
                Issue.record("no plugin in \(json.text)")
                return
            }
            #expect(step["plugin"] == .string("counter") && step["applied"] == .integer(13))
            #expect(step["after_ms"] != nil)
            #expect(step["effects"]?.text.contains(#""unit":"minute""#) == true)
            // The connections are gone with it.
            try await api.hearers(0)
        }
    }

    @Test("finds an id however its event writes it")
    func escaped() async throws {
        try await withAPI { api in
            async let answer = api.trace("r-13")
            try await api.hearers(1)
            try await api.publish(12, requestID: "r-1")
            try await api.publish(13, requestID: #"r\u002d13"#)
            try await api.apply(13)
            let (status, json) = try await answer
            #expect(status == 200 && json.members["id"] == .integer(13))
        }
    }

    @Test("a plugin that still waits when the time is over stands in the answer as such")
    func waiting() async throws {
        try await withAPI { api in
            try await api.apply(12)
            async let answer = api.trace("r-13?seconds=1")
            try await api.hearers(1)
            try await api.publish(13, requestID: "r-13")
            let (status, json) = try await answer
            #expect(status == 200)
            guard case .array(let steps)? = json.members["plugins"], let step = steps.first?.members else {
                Issue.record("no plugin in \(json.text)")
                return
            }
            #expect(step["applied"] == .integer(12) && step["after_ms"] == nil)
        }
    }

    @Test("404 for what is not heard in time, 400 for a time that is none, 503 without Redis")
    func problems() async throws {
        try await withAPI { api in
            let never = try await api.trace("nothing?seconds=1")
            #expect(never.status == 404)
            #expect(never.json.text.contains("No http.request event with request_id 'nothing' came within 1 s"))
            for wrong in ["0", "301", "soon", "-1", ""] {
                let (status, json) = try await api.trace("r?seconds=\(wrong)")
                #expect(status == 400 && json.text.contains("is no number from 1 to 300"))
            }
            _ = try? await api.redis.send(RedisCommand("SHUTDOWN", "NOSAVE")).get()
            #expect(try await api.trace("r").status == 503)
        }
    }

    @Test("eight traces at once and no more; a client that leaves makes room at once")
    func bounded() async throws {
        try await withAPI { api in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        let (status, _) = try await api.trace("r-\(number)?seconds=300")
                        #expect(status == 200)
                    }
                }
                try await api.hearers(8)
                let refused = try await api.trace("r-8")
                #expect(refused.status == 503 && refused.json.text.contains("8 traces are there already"))
                try await api.apply(1)
                try await api.publish(1, requestID: "r-7")
                try await group.next()
                try await api.hearers(7)
                try await RawConnection.open(api.port) { connection in
                    try await connection.send("GET /api/trace/left?seconds=300 HTTP/1.1\r\nHost: h\r\n\r\n")
                    try await api.hearers(8)
                }
                // It has closed its connection; its trace has ended long before its time.
                try await api.hearers(7)
                for number in 0..<7 { try await api.publish(1, requestID: "r-\(number)") }
                try await group.waitForAll()
                try await api.hearers(0)
            }
        }
    }
}
