import Testing

@testable import Outboard

@Suite("FailureBreaker")
struct FailureBreakerTests {
    @Test("trips when more than the limit of enough events fail within its window")
    func trips() {
        var breaker = FailureBreaker(limit: 50)
        #expect(breaker.observe(handled: 1_000, failed: 0) == nil)
        #expect(breaker.observe(handled: 1_050, failed: 49) == nil, "too few events")
        #expect(breaker.observe(handled: 1_100, failed: 100) == nil, "half is not more than half")
        let trip = breaker.observe(handled: 1_100, failed: 151)
        #expect(trip == FailureBreaker.Trip(failed: 151, events: 251, seconds: 3))
        #expect(trip.map { "\($0)" } == "60 % of 251 events failed within 3 s")
    }

    @Test("looks at the last ten seconds only, and forgets on demand")
    func window() {
        var breaker = FailureBreaker(limit: 10)
        #expect(breaker.observe(handled: 0, failed: 0) == nil)
        for _ in 1...10 { #expect(breaker.observe(handled: 0, failed: 99) == nil, "too few events") }
        #expect(breaker.observe(handled: 100, failed: 99) == nil, "what failed was eleven seconds ago")
        breaker.begin(handled: 100, failed: 1_000)
        #expect(breaker.observe(handled: 100, failed: 1_000) == nil)
    }

    @Test("never trips without a limit", arguments: [nil, 100])
    func off(limit: Int?) {
        var breaker = FailureBreaker(limit: limit)
        for second in 0..<20 { #expect(breaker.observe(handled: 0, failed: UInt64(second) * 1_000) == nil) }
    }
}
