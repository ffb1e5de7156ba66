import Testing

@testable import OutboardCLI

@Suite("RestartRule")
struct RestartRuleTests {
    @Test("doubles the wait up to 10 s, then calls it a loop")
    func doubles() {
        var rule = RestartRule()
        let restarts = (0..<8).map { _ in rule.restart(afterRunning: .seconds(1), chance: 1) }
        let seconds = restarts.map { ($0.delay / .milliseconds(10)).rounded() / 100 }
        #expect(seconds == [0.25, 0.5, 1, 2, 4, 8, 10, 10])
        #expect(restarts.map(\.isLoop) == [false, false, false, false, false, false, true, true])
    }

    @Test("waits at least half as long")
    func jitter() {
        var rule = RestartRule()
        #expect(rule.restart(afterRunning: .zero, chance: 0).delay == .milliseconds(125))
    }

    @Test("starts anew after a run of 30 s")
    func success() {
        var rule = RestartRule()
        for _ in 0..<10 { _ = rule.restart(afterRunning: .zero, chance: 1) }
        let restart = rule.restart(afterRunning: .seconds(30), chance: 1)
        #expect(!restart.isLoop && restart.delay <= .milliseconds(250))
    }

    @Test("never overflows")
    func manyFailures() {
        var rule = RestartRule()
        for _ in 0..<10_000 { _ = rule.restart(afterRunning: .zero, chance: 1) }
        #expect(rule.restart(afterRunning: .zero, chance: 1).delay <= .seconds(10))
    }
}
