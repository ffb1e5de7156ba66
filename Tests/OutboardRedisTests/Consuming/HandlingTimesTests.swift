import Testing

@testable import OutboardRedis

@Suite("HandlingTimes")
struct HandlingTimesTests {
    @Test("times one event in sixteen, and all of them after a slow one")
    func sampling() {
        var times = HandlingTimes(budgetMicroseconds: 1_000)
        #expect((0..<1_600).count { _ in times.isDue() } == 100)
        times.note(2_000_000) { ("/p/t/0", 7) }
        #expect((0..<HandlingTimes.watchedEvents).allSatisfy { _ in times.isDue() })
        #expect((0..<1_600).count { _ in times.isDue() } == 100)
    }

    @Test("tells quantiles within a quarter, and forgets them when told")
    func quantiles() {
        var times = HandlingTimes(budgetMicroseconds: 1_000_000)
        for microseconds in 1...100 as ClosedRange<UInt64> { times.note(microseconds * 1_000) { ("", 0) } }
        let summary = times.take()
        #expect(summary.p50 >= 50 && summary.p50 <= 63)
        #expect(summary.p99 >= 99 && summary.p99 <= 124)
        #expect(times.take() == HandlingTimes.Summary())
    }

    @Test("names the slowest events beyond the budget")
    func slowest() {
        var times = HandlingTimes(budgetMicroseconds: 10)
        for (id, microseconds) in [(1, 5), (2, 20), (3, 40), (4, 30), (5, 11), (6, 50)] as [(UInt64, UInt64)] {
            times.note(microseconds * 1_000) { ("/p/t/0", id) }
        }
        let summary = times.take()
        #expect(summary.slow == 5)
        #expect(summary.slowest.map(\.id) == [6, 3, 4])
    }
}
