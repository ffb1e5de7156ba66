/// A histogram in a few numbers. Quantiles are upper bounds of buckets, so at most 12.5 % above the true ones.
package struct HistogramSummary: Codable, Sendable, Equatable {
    package var count: Int64
    package var sum: Int64
    package var mean: Double
    package var p50: Int64
    package var p95: Int64
    package var p99: Int64

    /// - Parameters:
    ///   - buckets: Upper bound → observations.
    ///   - sum: Of all observations.
    /// - Returns: Nil where nothing was observed.
    package init?(buckets: [Int64: Int64], sum: Int64) {
        let ordered = buckets.filter { $0.value > 0 }.sorted { $0.key < $1.key }
        var count: Int64 = 0
        for bucket in ordered {
            let (next, overflow) = count.addingReportingOverflow(bucket.value)
            count = overflow ? .max : next
        }
        guard count > 0 else { return nil }
        func quantile(_ share: Double) -> Int64 {
            // The smallest bound with at least this share of the observations at or below it.
            var left = max(1, (Double(count) * share).rounded(.up))
            for (bound, observations) in ordered {
                left -= Double(observations)
                if left <= 0 { return bound }
            }
            return ordered.last?.key ?? 0
        }
        self.count = count
        self.sum = sum
        mean = Double(sum) / Double(count)
        (p50, p95, p99) = (quantile(0.5), quantile(0.95), quantile(0.99))
    }

    /// Reads the hash of a histogram: upper bound → observations, `count` and `sum`. What is no number is left out.
    ///
    /// - Returns: Nil where nothing was observed.
    package init?(hash: [String: Int64]) {
        let buckets = hash.compactMap { name, number in Int64(name).map { ($0, number) } }
        self.init(buckets: Dictionary(buckets) { $1 }, sum: hash["sum"] ?? 0)
    }
}
