/// What a plugin has written: its effects, by kind and name.
package struct PluginCounters: Codable, Sendable, Equatable {
    /// One bucket of a time series.
    package struct Bucket: Codable, Sendable, Equatable {
        /// `2026-11-20T23:15:00Z`
        package var start: String
        package var value: Int64

        package init(start: String, value: Int64) {
            self.start = start
            self.value = value
        }
    }

    /// One member of a rank.
    package struct Ranked: Codable, Sendable, Equatable {
        package var member: String
        package var score: Int64

        package init(member: String, score: Int64) {
            self.member = member
            self.score = score
        }
    }

    package var plugin: String
    /// Counters without a field.
    package var counters: [String: Int64]
    /// Counters by field, by family.
    package var families: [String: [String: Int64]]
    /// Name → unit → the last buckets, in order of time.
    package var series: [String: [String: [Bucket]]] = [:]
    /// Histograms without a field.
    package var histograms: [String: HistogramSummary] = [:]
    /// Histograms by field.
    package var fieldHistograms: [String: [String: HistogramSummary]] = [:]
    /// Highest first.
    package var ranks: [String: [Ranked]] = [:]
    /// Different elements, to within a percent or so.
    package var uniques: [String: Int64] = [:]
    package var maximum: [String: Int64] = [:]
    package var minimum: [String: Int64] = [:]
    /// Key → events whose effect on it could not be applied.
    package var rejected: [String: Int64] = [:]

    private enum CodingKeys: String, CodingKey {
        case plugin, counters, families, series, histograms, ranks, uniques, maximum, minimum, rejected
        case fieldHistograms = "field_histograms"
    }

    package init(plugin: String, counters: [String: Int64] = [:], families: [String: [String: Int64]] = [:]) {
        self.plugin = plugin
        self.counters = counters
        self.families = families
    }

    /// Whether there is nothing at all.
    package var isEmpty: Bool { self == PluginCounters(plugin: plugin) }
}
