import Foundation
import OutboardTesting
import Testing

/// `outboard doctor` itself, on a Redis in which faults were planted.
@Suite("outboard doctor", .timeLimit(.minutes(3)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct DoctorCommandTests {
    @Test("finds nothing on a healthy bus")
    func healthy() async throws {
        let bus = try await PlantedBus.start(appendOnly: true)
        let subscriber = try await bus.subscriber()
        let run = try await bus.run("doctor")
        #expect(run.code == 0)
        #expect(run.lines.last == "0 failed, 0 warnings, 9 ok", "\(run.lines)")
        subscriber.kill()
        try bus.stop()
    }

    @Test("finds each planted fault and says how to mend it", arguments: PlantedFault.all)
    func fault(_ fault: PlantedFault) async throws {
        let bus = try await PlantedBus.start(PlantedBus.healthy + fault.plant, appendOnly: true)
        let subscriber = try await bus.subscriber()
        let run = try await bus.run("doctor", environment: fault.environment)
        #expect(run.code == (fault.verdict == "fail" ? 1 : 0), "\(run.lines)")
        let place = try #require(run.lines.firstIndex { $0.contains(fault.found) }, "\(run.lines)")
        #expect(run.lines[place].hasPrefix(fault.verdict))
        #expect(run.lines[place + 1].hasPrefix("      mend: "))
        #expect(run.lines[place + 1].contains(fault.mend))
        subscriber.kill()
        try bus.stop()
    }

    @Test("finds lanes that are listed and have no subscriber")
    func unheard() async throws {
        let bus = try await PlantedBus.start(appendOnly: true)
        let run = try await bus.run("doctor")
        #expect(run.code == 1)
        #expect(
            run.lines.contains {
                $0.hasSuffix("no subscriber: outboard:events:http.request:0, outboard:events:http.request:1")
            })
        try bus.stop()
    }

    @Test("finds a publisher whose record moves without heartbeats")
    func stale() async throws {
        let bus = try await PlantedBus.start(appendOnly: true)
        let publisher = try bus.redisCLI([
            "-r", "100000", "-i", "0.02", "HINCRBY", "outboard:publisher:ghost-1", "http.request/0", "1",
        ])
        try await publisher.waitForLine(containing: "1")
        let run = try await bus.run("doctor")
        #expect(run.code == 1)
        #expect(run.lines.contains { $0.contains("ghost-1 publishes without heartbeats (none is there)") })
        publisher.kill()
        try bus.stop()
    }

    @Test("writes JSON, explains a user's limits, exits with 69 without Redis")
    func edges() async throws {
        struct Answer: Decodable {
            struct Finding: Decodable {
                let verdict, topic, found: String
                let mend: String?
            }
            let holds: Bool
            let findings: [Finding]
        }
        let bus = try await PlantedBus.start(
            PlantedBus.healthy + [
                [
                    "ACL", "SETUSER", "viewer", "on", "nopass", "~*", "+@read", "+time", "+ping", "+client",
                    "+acl|whoami",
                ]
            ])
        let json = try await bus.run("doctor", "--json")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(json.lines.joined(separator: "\n").utf8))
        #expect(!answer.holds)
        #expect(answer.findings.contains { $0.topic == "disk" && $0.verdict == "warn" })
        let viewer = try await bus.run("doctor", "--redis-url", "redis://viewer:x@127.0.0.1:\(bus.redis.port)")
        #expect(viewer.code == 1)
        #expect(viewer.lines.contains { $0.hasPrefix("warn  acl: INFO could not be asked: NOPERM") })
        #expect(viewer.lines.contains("      mend: ACL SETUSER viewer +info, or run doctor as another user"))
        #expect(
            viewer.lines.contains { $0.hasPrefix("fail  bus: publishers and plugins could not be looked at: NOPERM") })
        try bus.stop()
        let gone = try await bus.run("doctor")
        #expect(gone.code == 69)
        #expect(gone.lines.first?.hasPrefix("fail  redis: ") == true)
    }
}
