import Foundation
import OutboardTesting
import Testing

@testable import OutboardCLI

@Suite("Result of outboard bench")
struct BenchResultTests {
    private func result(ours: Double, server: Double) -> BenchResult {
        BenchResult(
            redis: "7.0.15", latency: .init(ages: Array(1...100)), events: 200_000, seconds: 2, missed: 0,
            ours: .init(cpuSeconds: ours, seconds: 2, events: 200_000),
            server: .init(cpuSeconds: server, seconds: 2, events: 200_000))
    }

    @Test("tells quantiles, rate, cost and what limits")
    func lines() {
        let result = result(ours: 2.8, server: 0.41)
        #expect(result.latency == .init(ages: (1...100).map { Int64($0) }))
        #expect((result.latency.p50, result.latency.p99, result.latency.most) == (51, 100, 100))
        #expect(result.lines[3] == "rate      100000 events/s published, handled and counted (200000 events, 0 missed)")
        #expect(result.lines[4] == "cost      14.00 us of CPU an event here, 2.05 in Redis")
        #expect(result.limit.hasPrefix("this process"))
        #expect(self.result(ours: 1, server: 1.9).limit.hasPrefix("Redis"))
        #expect(self.result(ours: 1, server: 1).limit.hasPrefix("neither"))
        #expect(BenchResult.Latency(ages: []).p99 == 0)
    }
}

@Suite("outboard bench", .timeLimit(.minutes(1)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct BenchCommandTests {
    @Test("measures a Redis and leaves nothing behind")
    func measures() async throws {
        struct Answer: Decodable {
            struct Latency: Decodable { let events, p50_us: Int }
            let latency: Latency
            let events, missed: Int
        }
        let bus = try await PlantedBus.start([])
        let run = try await bus.run("bench", "--seconds", "1", "--json")
        #expect(run.code == 0, "\(run.lines)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.lines.joined(separator: "\n").utf8))
        #expect(answer.latency.events == 1_000 && answer.latency.p50_us > 0)
        #expect(answer.events >= 1_024 && answer.missed == 0)
        let keys = try bus.redisCLI(["DBSIZE"])
        #expect(try await keys.waitForExit() == 0)
        #expect(keys.lines == ["0"])
        try bus.stop()
        #expect(try await bus.run("bench").code == 69)
        #expect(try await bus.run("bench", "--seconds", "0").code == 64)
    }
}
