import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardHTTP
@testable import OutboardRedis

/// `POST /api/events` on a real Redis, by a bus that runs or one that does not.
@Suite(
    "Publishing by the admin API", .timeLimit(.minutes(1)),
    .enabled(if: ThrowawayRedis.isAvailable || ProcessInfo.processInfo.environment["REQUIRE_REDIS"] == "1"))
struct PublishRouteTests {
    private static let token = "0123456789abcdef"
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private struct API: Sendable {
        let client: any TestClientProtocol
        let bus: EventBus
        let redis: RedisConnection
        let settings: RedisSettings
        let document: JSONValue

        func post(
            _ uri: String, _ body: String, token: String? = PublishRouteTests.token, type: String = "application/json"
        ) async throws -> TestResponse {
            var headers: HTTPFields = [.contentType: type]
            if let token { headers[.authorization] = "Bearer \(token)" }
            let response = try await client.execute(
                uri: uri, method: .post, headers: headers, body: ByteBuffer(string: body))
            // Every answer must be as openapi.json describes it.
            let post = try #require(document.members["paths"]?.members["/api/events"]?.members["post"])
            try OpenAPISchema(document).check(response, as: post, path: "POST /api/events")
            return response
        }
    }

    private func withAPI(
        token: String? = Self.token, runs: Bool = true, _ body: @escaping @Sendable (API) async throws -> Void
    ) async throws {
        let redis = try await ThrowawayRedis.start()
        var configuration = try BusConfiguration()
        configuration.redis = try RedisSettings(url: redis.url)
        configuration.lanes = 4
        configuration.name = "core"
        let bus = try EventBus(configuration, logger: Self.logger)
        let directory = RedisPluginDirectory(
            configuration, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Self.logger)
        let site = AdminSite(
            .init(
                version: "1.0.0", isServing: { true }, requests: { EventRecorder.Counts() },
                bus: { bus.statistics }, directory: directory, token: token.map(AdminToken.init), publishing: bus))
        let settings = configuration.redis
        let connection = try await configuration.connect(named: "test")
        try await withThrowingTaskGroup(of: Void.self) { group in
            if runs {
                group.addTask { try await bus.run() }
                while !bus.statistics.connected { await Task.yield() }
            }
            try await Application(router: site.router()).test(.live) { client in
                let document = try await client.execute(uri: "/api/openapi.json", method: .get)
                try await body(
                    API(
                        client: client, bus: bus, redis: connection, settings: settings,
                        document: try #require(JSONValue(text: String(buffer: document.body)))))
            }
            group.cancelAll()
        }
        try await connection.close().get()
        try redis.stop()
    }

    @Test("the data goes out byte for byte on the key's lane, and the record counts it before the answer comes")
    func publishes() async throws {
        try await withAPI { api in
            let names = RedisNames()
            let lane = LaneRule.lane(ofKey: "customer-42", lanes: 4)
            let channel = names.events(type: "order.placed", lane: lane)
            let (heard, hear) = AsyncStream<String>.makeStream()
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let subscription = try await loop.flatSubmit {
                RedisSubscription.connect(api.settings, on: loop, logger: Self.logger) { _, payload in
                    hear.yield(String(decoding: payload, as: UTF8.self))
                }
            }.get()
            try await subscription.subscribe([channel]).get()

            let data = #"{"id": 12345678901234567890, "x":1.10}"#
            let response = try await api.post("/api/events?type=order.placed&key=customer-42", data)
            #expect(response.status == .ok)
            let answer = try #require(JSONValue(text: String(buffer: response.body))).members
            let publisher = api.bus.publisherID
            #expect(answer["publisher"] == .string(publisher) && answer["id"] == .string("1"))
            #expect(answer["source"] == .string("/\(publisher)/order.placed/\(lane)"))
            #expect(answer["recorded"] == .bool(true))
            #expect(answer["hearers"]?.members["least"] == .integer(1))
            let record = RedisCommand("HGET", names.publisher(publisher), "order.placed/\(lane)")
            #expect(try await api.redis.send(record).get().string() == "1")
            let event = try #require(await heard.first { _ in true })
            #expect(event.contains(#""data":"# + data) && event.contains(#""partitionkey":"customer-42""#))
            try await subscription.close().get()

            let second = try await api.post("/api/events?type=order.placed&key=customer-42", "")
            let next = try #require(JSONValue(text: String(buffer: second.body))).members
            #expect(next["id"] == .string("2"))
        }
    }

    @Test("what outboard publish refuses is refused here, with the same words; nothing is published")
    func refuses() async throws {
        try await withAPI { api in
            for (uri, body, words) in [
                ("/api/events", "{}", "names no type"),
                ("/api/events?type=NO%20TYPE", "{}", "event type 'NO TYPE': needs 1 to 64 of a-z"),
                ("/api/events?type=a.b", "[1]", "the data is not a JSON object"),
                ("/api/events?type=a.b", "{", "the data is not a JSON object"),
            ] {
                let response = try await api.post(uri, body)
                #expect(response.status == .badRequest)
                #expect(String(buffer: response.body).contains(words))
            }
            #expect(try await api.post("/api/events?type=a.b", "{}", token: nil).status == .unauthorized)
            let text = try await api.post("/api/events?type=a.b", "{}", type: "text/plain")
            #expect(text.status == .unsupportedMediaType)
            let large = "{\"x\":\"" + String(repeating: "x", count: (1 << 20) - 20) + "\"}"
            let tooLarge = try await api.post("/api/events?type=a.b", large)
            #expect(tooLarge.status == .badRequest && String(buffer: tooLarge.body).contains("more than the 1048576"))
            let larger = try await api.post("/api/events?type=a.b", large + "    " + large)
            #expect(larger.status == .contentTooLarge)
            #expect(api.bus.statistics.accepted == 0)
        }
    }

    @Test("takes nothing without a token of its own, and nothing that could only wait")
    func closed() async throws {
        try await withAPI(token: nil) { api in
            let response = try await api.post("/api/events?type=a.b", "{}")
            #expect(response.status == .forbidden)
        }
        try await withAPI(runs: false) { api in
            let response = try await api.post("/api/events?type=a.b", "{}")
            #expect(response.status == .serviceUnavailable)
            #expect(api.bus.statistics.accepted == 0)
        }
    }
}
