import Foundation
import OutboardTesting
import Testing

/// `outboard plugins`, `inspect` and `counters` themselves, on a Redis in which a plugin was planted.
@Suite(
    "outboard plugins, inspect, counters", .timeLimit(.minutes(2)), .enabled(if: UpFixture.canRun, "needs redis-server")
)
struct PluginCommandsTests {
    @Test("plugins lists who is there and how it stands")
    func plugins() async throws {
        let bus = try await PlantedBus.start([])
        #expect(try await bus.run("plugins").lines == ["no plugin has registered on this bus yet"])
        try await bus.plant(PlantedBus.healthy)
        let run = try await bus.run("plugins")
        #expect(run.code == 0)
        #expect(run.lines.last == "request-counter  1.0.0    enabled         1       11       1  3 ms")

        struct Answer: Decodable {
            struct Plugin: Decodable {
                let name, state: String
                let versions: [String]
                let replicas, handled, missed, lag_ms: Int
                let rate: Int?
            }
            let plugins: [Plugin]
        }
        let answer = try decoded(Answer.self, try await bus.run("plugins", "--json"))
        #expect(answer.plugins.map(\.state) == ["enabled"])
        #expect(answer.plugins.first?.handled == 11)

        #expect(!run.lines[0].contains("rate/s") && answer.plugins.first?.rate == nil)

        // Fifty events a second.
        let books = try bus.redisCLI([
            "-r", "100000", "-i", "0.02", "HINCRBY", PlantedBus.key + "handled", PlantedBus.source, "1",
        ])
        try await books.waitForLine(containing: "12")
        #expect(try await bus.run("plugins", "--rate").lines.first?.contains("replicas  rate/s  handled") == true)
        let rated = try decoded(Answer.self, try await bus.run("plugins", "--rate", "--json"))
        #expect((1...60).contains(try #require(rated.plugins.first?.rate)))
        books.kill()

        try await bus.plant([["HSET", PlantedBus.key + "control", "state", "disabled"]])
        #expect(try await bus.run("plugins").lines.last?.contains("disabled") == true)
        try await bus.plant([["HSET", PlantedBus.key + "replica:" + PlantedBus.replica, "state", "failed"]])
        #expect(try await bus.run("plugins").lines.last?.contains("failed") == true)
        try await bus.plant([["DEL", PlantedBus.key + "replicas:http.request"]])
        #expect(try await bus.run("plugins").lines.last?.contains("stopped") == true)
        try bus.stop()
        #expect(try await bus.run("plugins").code == 69)
    }

    @Test("inspect shows one plugin, and who there is if the name is wrong")
    func inspect() async throws {
        let bus = try await PlantedBus.start()
        let run = try await bus.run("inspect", "request-counter")
        #expect(run.code == 0)
        #expect(run.lines.first == "request-counter 1.0.0  enabled")
        #expect(run.lines.contains("    \(PlantedBus.replica)  running, version 1.0.0"))
        #expect(run.lines.contains("      host web-1, pid 4711, since 2025-11-20T23:15:42Z"))
        #expect(run.lines.contains("  books: balance"))

        struct Answer: Decodable {
            struct Replica: Decodable {
                let id: String
                let live: Bool
                let let_go: Int
            }
            let replicas: [Replica]
            let lanes: Int
        }
        let answer = try decoded(Answer.self, try await bus.run("inspect", "request-counter", "--json"))
        #expect(answer.replicas.map(\.id) == [PlantedBus.replica])
        #expect(answer.lanes == 2)

        let unknown = try await bus.run("inspect", "nobody")
        #expect(unknown.code == 64)
        #expect(unknown.lines == ["outboard: no plugin 'nobody' on this bus; there are: request-counter"])
        #expect(try await bus.run("inspect", "NO NAME").code == 64)
        try bus.stop()
    }

    @Test("counters reads every kind of effect, also beside damaged keys")
    func counters() async throws {
        let key = PlantedBus.key
        let bus = try await PlantedBus.start(
            PlantedBus.healthy + [
                ["HSET", key + "counters", "requests", "11"],
                ["HSET", key + "counters:status", "200", "10", "404", "1"], ["SET", key + "counters:damaged", "x"],
                ["HSET", key + "series:requests:minute:2026-11-19", "2026-11-19T23:59:00Z", "4"],
                ["HSET", key + "series:requests:minute:2026-11-20", "2026-11-20T00:00:00Z", "7"],
                ["HSET", key + "histogram:duration", "7", "10", "count", "10", "sum", "60"],
                ["HSET", key + "histograms:by_route", "/a", "2"],
                ["HSET", key + "histograms:by_route:/a", "7", "2", "count", "2", "sum", "9"],
                ["ZADD", key + "rank:paths", "3", "/x", "5", "/y"], ["PFADD", key + "unique:clients", "a", "b"],
                ["HSET", key + "maximum", "duration", "99"], ["HSET", key + "minimum", "duration", "1"],
                ["HSET", key + "rejected", "counters:damaged", "2"],
            ])
        let run = try await bus.run("counters", "request-counter")
        #expect(run.code == 0)
        let expected = [
            "  requests  11", "  200  10", "  2026-11-19T23:59:00Z  4", "  2026-11-20T00:00:00Z  7",
            "     10   6.0    7    7    7", "  /a         2   4.5    7    7    7", "  /y  5", "  clients  2",
            "  duration  99", "  duration  1", "  counters:damaged  2",
        ]
        for line in expected { #expect(run.lines.contains(line), "\(line) is not in \(run.lines)") }

        #expect(
            try await bus.run("counters", "request-counter", "status", "--top", "1").lines == [
                "status (2 fields)", "  200  10", "  … and 1 field more; --top 2 shows all",
            ])
        let nothing = try await bus.run("counters", "request-counter", "nothing")
        #expect(nothing.code == 1)
        #expect(
            nothing.lines.first?.contains("there are: by_route, clients, duration, paths, requests, status") == true)
        #expect(try await bus.run("counters", "request-counter", "--top", "0").code == 64)

        struct Answer: Decodable {
            let families: [String: [String: Int]]
            let field_histograms: [String: [String: [String: Double]]]
        }
        let answer = try decoded(Answer.self, try await bus.run("counters", "request-counter", "--json"))
        #expect(answer.families == ["status": ["200": 10, "404": 1]])
        #expect(answer.field_histograms["by_route"]?["/a"]?["p99"] == 7)
        try bus.stop()
    }

    private func decoded<Answer: Decodable>(
        _ type: Answer.Type, _ run: (code: Int32, lines: [String])
    ) throws -> Answer {
        #expect(run.code == 0)
        return try JSONDecoder().decode(type, from: Data(run.lines.joined(separator: "\n").utf8))
    }
}
