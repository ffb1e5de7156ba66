import Testing

@testable import Outboard

@Suite("Histogram")
struct HistogramTests {
    @Test("reads quantiles by nearest rank, as the upper bound of a bucket")
    func quantiles() {
        let histogram = Histogram(fields: ["1": 50, "2": 45, "1023": 4, "2047": 1, "count": 100, "sum": 9_999, "x": 1])
        #expect(histogram.count == 100 && histogram.sum == 9_999 && histogram.buckets.count == 4)
        #expect(histogram.quantile(0) == 1)
        #expect(histogram.quantile(0.5) == 1)
        #expect(histogram.quantile(0.51) == 2)
        #expect(histogram.quantile(0.95) == 2)
        #expect(histogram.quantile(0.99) == 1_023)
        #expect(histogram.quantile(1) == 2_047)
    }

    @Test("an empty one has no quantile")
    func empty() {
        #expect(Histogram(fields: [:]).quantile(0.5) == nil)
    }

    @Test("numbers that somebody planted end nothing")
    func planted() {
        #expect(Histogram(fields: ["1": .max, "2": .max]).quantile(1) == 2)
        #expect(Histogram(fields: ["1": -5, "2": 3]).quantile(.nan) != 7)
    }

    @Test("a bucket is at most 12.5 % wide", arguments: [0, 15, 16, 17, 1_000, 123_456_789, .max])
    func width(value: Int64) {
        let bound = HistogramBounds.upperBound(value)
        #expect(bound >= value && Double(bound - value) <= 0.125 * Double(value))
    }
}
