import Foundation
import OutboardTesting
import Testing

/// `outboard tail`, `publish` and `trace` themselves, on a real Redis.
@Suite("outboard tail, publish, trace", .timeLimit(.minutes(2)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct EventCommandsTests {
    private static let channel = "outboard:events:http.request:1"

    private func request(_ id: Int, path: String = "/hello", status: Int = 200, lane: Int = 1) -> String {
        #"{"specversion":"1.0","source":"/core-1/http.request/\#(lane)","id":"\#(id)","type":"http.request","#
            + #""time":"2026-11-20T23:15:42.117000Z","data":{"method":"GET","path":"\#(path)","status":\#(status),"#
            + #""request_id":"r-\#(id)"}}"#
    }

    @Test("tail writes JSON lines in a pipe, filters, and ends at its limit")
    func tail() async throws {
        let bus = try await PlantedBus.start()
        let tail = try bus.start(["tail", "--path", "/h*", "--status", "2xx", "--limit", "2"])
        try await tail.waitForLine(containing: "hears 2 lanes of http.request")
        try await bus.plant([
            ["PUBLISH", Self.channel, request(1)], ["PUBLISH", Self.channel, request(2, path: "/other")],
            ["PUBLISH", Self.channel, request(3, status: 404)],
            ["PUBLISH", Self.channel, "[\(request(4)),\(request(5))]"],
        ])
        #expect(try await tail.waitForExit() == 0)
        #expect(tail.lines.filter { $0.hasPrefix("{") } == [request(1), request(4)])
        try bus.stop()
    }

    @Test("tail follows types that come later, comes back with Redis, and ends on Ctrl-C")
    func later() async throws {
        let bus = try await PlantedBus.start(appendOnly: true)
        let tail = try bus.start(["tail"])
        try await tail.waitForLine(containing: "hears 2 lanes of http.request")
        #expect(try await bus.run("publish", "order.placed", #"{"id": 7}"#).code == 0)
        try await tail.waitForLine(containing: "hears 2 lanes of order.placed")
        #expect(try await bus.run("publish", "order.placed", #"{"id": 8}"#).code == 0)
        try await tail.waitForLine(containing: #""data":{"id": 8}"#)
        bus.redis.kill()
        try await tail.waitForLine(containing: "Redis is away")
        try await bus.redis.restart()
        try await tail.waitForLine(containing: "Redis is back; hears 2 lanes")
        tail.interrupt()
        #expect(try await tail.waitForExit() == 0)
        try bus.stop()
    }

    @Test("tail ends without a word when nobody reads any more, shows types without a plugin, refuses bad usage")
    func edges() async throws {
        let bus = try await PlantedBus.start()
        let program = Executables.product("outboard").path
        let pipe = try ChildProcess(
            URL(filePath: "/bin/sh"), arguments: ["-c", "\(program) tail | head -n 1; echo ended"],
            environment: ["OUTBOARD_REDIS_URL": bus.redis.url])
        try await pipe.waitForLine(containing: "hears 2 lanes")
        let load = try bus.redisCLI(["-r", "100000", "-i", "0.01", "PUBLISH", Self.channel, request(1)])
        try await pipe.waitForLine(containing: "ended")
        load.kill()
        #expect(try await pipe.waitForExit() == 0)

        let lonely = try bus.start(["tail", "--plugin-less", "--limit", "1", "--type", "http.request"])
        try await lonely.waitForLine(containing: "hears 2 lanes of http.request")
        let other = try bus.start(["tail", "--plugin-less", "--limit", "1", "--type", "order.placed"])
        try await other.waitForLine(containing: "hears 2 lanes of order.placed")
        try await bus.plant([["PUBLISH", Self.channel, request(1)]])
        #expect(try await bus.run("publish", "order.placed").code == 0)
        #expect(try await other.waitForExit() == 0)
        #expect(!lonely.lines.contains { $0.hasPrefix("{") })
        lonely.interrupt()
        #expect(try await lonely.waitForExit() == 0)

        #expect(try await bus.run("tail", "--status", "often").code == 64)
        #expect(try await bus.run("tail", "--type", "NO TYPE").code == 64)
        try bus.stop()
        #expect(try await bus.run("tail").code == 69)
    }

    @Test("publish sends numbered events, has them recorded, and says who hears them")
    func publish() async throws {
        struct Answer: Decodable {
            struct Hearers: Decodable {
                let lanes, least, most: Int
                let plugins: [String]
            }
            let published: Int
            let publisher: String
            let hearers: Hearers
        }
        let bus = try await PlantedBus.start()
        let subscriber = try await bus.subscriber()
        let run = try await bus.run(
            "publish", "http.request", #"{"method":"GET","path":"/","status":200}"#, "--count", "500", "--json")
        #expect(run.code == 0)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.lines.joined(separator: "\n").utf8))
        #expect(answer.published == 500)
        #expect(answer.hearers.lanes == 2)
        #expect((answer.hearers.least, answer.hearers.most) == (1, 1))
        #expect(answer.hearers.plugins == ["request-counter"])
        let record = try bus.redisCLI([
            "HMGET", "outboard:publisher:\(answer.publisher)", "http.request/0", "http.request/1",
        ])
        try await record.waitForExit()
        #expect(record.lines.compactMap { Int($0) }.reduce(0, +) == 500)
        subscriber.kill()

        let text = try await bus.run("publish", "order.placed", "{}", "--key", "a")
        #expect(text.lines.first?.hasSuffix("; 0 subscribers a lane, heard by no plugin") == true)
        for data in ["[1]", "{", "7"] {
            let wrong = try await bus.run("publish", "order.placed", data)
            #expect(wrong.code == 64)
            #expect(wrong.lines.first?.contains("not a JSON object") == true)
        }
        #expect(try await bus.run("publish", "NO TYPE").code == 64)
        #expect(try await bus.run("publish", "a.b", "--count", "0").code == 64)
        try bus.stop()
        #expect(try await bus.run("publish", "a.b").code == 69)
    }

    private static let manifest = #"""
        {"effects":[{"kind":"counter","name":"requests","key":"counters"},
        {"kind":"series","name":"requests","key":"series:requests:minute","unit":"minute"},
        {"kind":"family","name":"status","key":"counters:status"},{"kind":"counter"}],
        "name":"request-counter","protocol":1,"subscribes":["http.request"],"version":"1.0.0"}
        """#
    private static let writes = "    writes requests counter, requests per minute series, status family"

    @Test("trace follows a request until the fences have passed it, with what plugins write; 1 if a plugin waits")
    func trace() async throws {
        let bus = try await PlantedBus.start()
        try await bus.plant([["SET", PlantedBus.key + "manifest", Self.manifest]])
        let trace = try bus.start(["trace", "r-13"])
        try await trace.waitForLine(containing: "hears 2 lanes")
        try await bus.plant([
            ["PUBLISH", Self.channel, request(12)], ["PUBLISH", Self.channel, request(13)],
        ])
        try await trace.waitForLine(containing: "GET /hello 200")
        try await bus.plant([["HSET", PlantedBus.key + "applied", "/core-1/http.request/1", "13"]])
        #expect(try await trace.waitForExit() == 0)
        #expect(trace.lines.contains("  source  /core-1/http.request/1"))
        let step = try #require(trace.lines.dropLast().last)
        #expect(step.hasPrefix("  request-counter: dealt with after ") && step.hasSuffix("(applied 13)"))
        #expect(trace.lines.last == Self.writes)

        let waiting = try bus.start(["trace", "r-14", "--seconds", "2"])
        try await waiting.waitForLine(containing: "hears 2 lanes")
        try await bus.plant([["PUBLISH", Self.channel, request(14)]])
        #expect(try await waiting.waitForExit() == 1)
        #expect(waiting.lines.suffix(2) == ["  request-counter: waiting  (applied 13)", Self.writes])

        let never = try await bus.run("trace", "nothing", "--seconds", "1")
        #expect(never.code == 1)
        #expect(never.lines.last?.contains("no http.request event with request_id 'nothing' came within 1 s") == true)
        try bus.stop()
    }

    @Test("trace --json has each plugin's fence and declared effects, none where the manifest names none")
    func traceJSON() async throws {
        struct Answer: Decodable {
            struct Step: Decodable, Equatable {
                struct Effect: Decodable, Equatable {
                    let kind, name: String
                    let key, unit: String?
                }
                let plugin: String
                let applied: Int
                let effects: [Effect]
            }
            let plugins: [Step]
        }
        let silent = #"{"name":"silent","protocol":1,"subscribes":["http.request"],"version":"1.0.0"}"#
        let bus = try await PlantedBus.start()
        try await bus.plant([
            ["SET", PlantedBus.key + "manifest", Self.manifest], ["SADD", "outboard:plugins", "silent"],
            ["SET", "outboard:{silent}:manifest", silent],
            ["HSET", PlantedBus.key + "applied", "/core-1/http.request/1", "13"],
            ["HSET", "outboard:{silent}:applied", "/core-1/http.request/1", "14"],
        ])
        let trace = try bus.start(["trace", "r-13", "--json"])
        try await trace.waitForLine(containing: "hears 2 lanes")
        try await bus.plant([["PUBLISH", Self.channel, request(13)]])
        #expect(try await trace.waitForExit() == 0)
        let json = trace.lines.drop { $0 != "{" }.joined(separator: "\n")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(json.utf8))
        #expect(
            answer.plugins == [
                .init(
                    plugin: "request-counter", applied: 13,
                    effects: [
                        .init(kind: "counter", name: "requests", key: "counters", unit: nil),
                        .init(kind: "series", name: "requests", key: "series:requests:minute", unit: "minute"),
                        .init(kind: "family", name: "status", key: "counters:status", unit: nil),
                    ]), .init(plugin: "silent", applied: 14, effects: []),
            ])
        try bus.stop()
    }
}
