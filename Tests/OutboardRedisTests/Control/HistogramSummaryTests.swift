import OutboardRedis
import Testing

@Suite("HistogramSummary")
struct HistogramSummaryTests {
    @Test("takes quantiles as the bounds below which that share lies")
    func quantiles() throws {
        let summary = try #require(HistogramSummary(buckets: [1: 50, 10: 45, 100: 4, 1_000: 1], sum: 2_000))
        #expect(summary.count == 100)
        #expect(summary.mean == 20)
        #expect((summary.p50, summary.p95, summary.p99) == (1, 10, 100))
        let one = try #require(HistogramSummary(buckets: [7: 1], sum: 7))
        #expect((one.p50, one.p95, one.p99) == (7, 7, 7))
    }

    @Test("is nil where nothing was observed")
    func empty() {
        #expect(HistogramSummary(buckets: [:], sum: 0) == nil)
        #expect(HistogramSummary(buckets: [1: 0, 2: -3], sum: 0) == nil)
    }

    @Test("survives planted numbers that do not fit together")
    func planted() throws {
        let summary = try #require(HistogramSummary(buckets: [1: .max, 2: .max], sum: .min))
        #expect(summary.count == .max)
        #expect(summary.p99 == 1 || summary.p99 == 2)
    }

    @Test("reads the hash of a histogram, and nothing else in it")
    func hash() {
        let summary = HistogramSummary(hash: ["7": 2, "15": 1, "count": 3, "sum": 20, "odd": 1])
        #expect(summary?.count == 3)
        #expect(summary?.sum == 20)
        #expect(HistogramSummary(hash: ["count": 0]) == nil)
    }
}
