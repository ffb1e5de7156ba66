import Foundation
import OutboardTesting
import Testing

/// `outboard enable`, `disable`, `config` and `forget` with two real replicas of request-counter.
@Suite(
    "outboard enable, disable, config, forget", .timeLimit(.minutes(2)),
    .enabled(if: UpFixture.canRun, "needs redis-server"))
struct ControlCommandTests {
    private func withReplicas(_ count: Int, _ body: (PlantedBus) async throws -> Void) async throws {
        let bus = try await PlantedBus.start([])
        let replicas = try (0..<count).map { _ in
            try ChildProcess(
                Executables.product("request-counter"), environment: ["OUTBOARD_REDIS_URL": bus.redis.url])
        }
        for replica in replicas { try await replica.waitForLine(containing: "ready", within: .seconds(20)) }
        try await body(bus)
        for replica in replicas { replica.terminate() }
        for replica in replicas { #expect(try await replica.waitForExit(within: .seconds(12)) == 0) }
        try bus.stop()
    }

    @Test("disable and enable wait for the replicas and say what became of it")
    func state() async throws {
        try await withReplicas(2) { bus in
            let disabled = try await bus.run("disable", "request-counter", "--reason", "a test")
            #expect(disabled.code == 0)
            #expect(
                disabled.lines == [
                    "request-counter is disabled (revision 1): 2 replicas follow",
                    "it counts again after: outboard enable request-counter",
                ])
            #expect(try await bus.run("plugins").lines.last?.contains("disabled") == true)
            struct Answer: Decodable {
                let plugin, state: String
                let revision: Int
                let following, waiting: [String]
            }
            let lines = try await bus.run("enable", "request-counter", "--json").lines
            let enabled = try JSONDecoder().decode(Answer.self, from: Data(lines.joined(separator: "\n").utf8))
            #expect(enabled.state == "enabled" && enabled.revision == 2)
            #expect(enabled.following.count == 2 && enabled.waiting.isEmpty)
            #expect(try await bus.run("disable", "nobody").code == 64)
        }
    }

    @Test("config shows, changes and refuses settings")
    func config() async throws {
        try await withReplicas(1) { bus in
            let shown = try await bus.run("config", "request-counter")
            #expect(shown.code == 0)
            #expect(shown.lines.last?.split(separator: " ") == ["perMinute", "true", "true", "boolean"])

            let dry = try await bus.run("config", "request-counter", "perMinute=false", "--dry-run")
            #expect(dry.code == 0 && dry.lines.suffix(2) == ["", "1 replica accepts it"])
            #expect(dry.lines.dropLast(2).last?.split(separator: " ").prefix(2) == ["perMinute", "false"])
            #expect(try await bus.run("config", "request-counter").lines == shown.lines)

            let changed = try await bus.run("config", "request-counter", "perMinute=false")
            #expect(changed.code == 0)
            #expect(changed.lines == ["request-counter is configured (revision 1): 1 replica follows"])
            #expect(try await bus.run("config", "request-counter").lines == dry.lines.dropLast(2))

            let wrong = try await bus.run("config", "request-counter", "perMinute=often", "perHour=true")
            #expect(wrong.code == 64)
            #expect(wrong.lines.contains { $0.contains("'perMinute'") && $0.contains("true or false") })
            #expect(wrong.lines.contains { $0.contains("no setting 'perHour'; it has: perMinute") })

            #expect(try await bus.run("config", "request-counter", "--unset", "perMinute").code == 0)
            #expect(try await bus.run("config", "request-counter").lines == shown.lines)
        }
    }

    @Test("config --dry-run says which live replicas do not answer, and that nobody is there")
    func silent() async throws {
        struct Answer: Decodable {
            struct Setting: Decodable {
                let name: String
                let value: Bool
            }
            let settings: [Setting]
            let accepting, waiting: [String]
            let refused: [String: String]
        }
        let manifest =
            #"{"name":"request-counter","version":"1.0.0","protocol":1,"subscribes":["http.request"],"config":{"type":"#
            + #""object","properties":{"perMinute":{"type":"boolean","default":true}}}}"#
        let bus = try await PlantedBus.start(
            PlantedBus.healthy + [["SET", PlantedBus.key + "manifest", manifest]])
        let command = ["config", "request-counter", "perMinute=false", "--dry-run"]
        let run = try bus.start(command + ["--json"])
        #expect(try await run.waitForExit() == 1)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.lines.joined(separator: "\n").utf8))
        #expect(answer.waiting == [PlantedBus.replica] && answer.accepting.isEmpty && answer.refused.isEmpty)
        #expect(answer.settings.map(\.name) == ["perMinute"] && answer.settings.first?.value == false)
        try await bus.plant([["DEL", PlantedBus.key + "replicas:http.request"]])
        let nobody = try bus.start(command)
        #expect(try await nobody.waitForExit() == 0)
        #expect(nobody.lines.last == "no replica is there to ask")
        try bus.stop()
    }

    @Test("forget refuses a plugin that lives, and deletes everything of one that is gone")
    func forget() async throws {
        let bus = try await PlantedBus.start()
        let lives = try await bus.run("forget", "request-counter", "--yes")
        #expect(lives.code == 1)
        #expect(lives.lines == ["outboard: request-counter has 1 live replica; stop it first"])
        try await bus.plant([
            ["DEL", PlantedBus.key + "replicas:http.request"], ["HSET", PlantedBus.key + "counters", "requests", "11"],
            ["SET", "outboard:{request-counter-2}:manifest", "{}"],
        ])
        // Nobody answers the question.
        #expect(try await bus.run("forget", "request-counter").code == 1)
        let forgotten = try await bus.run("forget", "request-counter", "--yes", "--json")
        #expect(forgotten.code == 0)
        #expect(forgotten.lines == [#"{"keys":6,"plugin":"request-counter"}"#])
        let left = try bus.redisCLI(["KEYS", "outboard:*"])
        #expect(try await left.waitForExit() == 0)
        #expect(Set(left.lines) == ["outboard:bus", "outboard:{request-counter-2}:manifest"])
        #expect(try await bus.run("forget", "request-counter", "--yes").code == 64)
        try bus.stop()
    }
}
