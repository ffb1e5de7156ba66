import Testing

@testable import OutboardCLI

@Suite("RestartRule")
struct RestartRuleTests {
    /// Always the largest random number, so a delay is its upper bound.
    struct Highest: RandomNumberGenerator {
        func next() -> UInt64 { .max }
    }

    struct Lowest: RandomNumberGenerator {
        func next() -> UInt64 { 0 }
    }

    @Test("doubles the wait up to 10 s, then calls it a loop")
    func doubles() {
        var rule = RestartRule()
        var generator = Highest()
        let restarts = (0..<8).map { _ in rule.restart(afterRunning: .seconds(1), using: &generator) }
        let seconds = restarts.map { ($0.delay / .milliseconds(10)).rounded() / 100 }
        #expect(seconds == [0.25, 0.5, 1, 2, 4, 8, 10, 10])
        #expect(restarts.map(\.isLoop) == [false, false, false, false, false, false, true, true])
    }

    @Test("waits at least half as long")
    func jitter() {
        var rule = RestartRule()
        var generator = Lowest()
        #expect(rule.restart(afterRunning: .zero, using: &generator).delay == .milliseconds(125))
    }

    @Test("starts anew after a run of 30 s")
    func success() {
        var rule = RestartRule()
        var generator = Highest()
        for _ in 0..<10 { _ = rule.restart(afterRunning: .zero, using: &generator) }
        let restart = rule.restart(afterRunning: .seconds(30), using: &generator)
        #expect(!restart.isLoop && restart.delay <= .milliseconds(250))
    }

    @Test("never overflows")
    func manyFailures() {
        var rule = RestartRule()
        var generator = Highest()
        for _ in 0..<10_000 { _ = rule.restart(afterRunning: .zero, using: &generator) }
        #expect(rule.restart(afterRunning: .zero, using: &generator).delay <= .seconds(10))
    }
}
