/// Everything that Redis knows of one plugin but its counters and single sources.
package struct PluginDetail: Codable, Sendable, Equatable {
    package var plugin: PluginSummary
    /// Nil where there is none that can be read.
    package var manifest: ManifestSummary?
    package var control: PluginControl
    package var settings: [ManifestSummary.Setting]
    package var replicas: [ReplicaSummary]
    /// Where its processes crash again and again.
    package var crashLoops: [CrashLoop] = []
    package var books: BookSums
    /// Lanes of each type on this bus; nil before any process has come.
    package var lanes: Int?

    private enum CodingKeys: String, CodingKey {
        case plugin, manifest, control, settings, replicas, books, lanes
        case crashLoops = "crash_loops"
    }
}

/// The books of a plugin in sum, forgotten publishers included.
package struct BookSums: Codable, Sendable, Equatable {
    package var applied, handled, failed, missed, skipped, baseline: Int64
    package var inFlight: Int64
    /// Whether they balance and could be read.
    package var holds: Bool

    private enum CodingKeys: String, CodingKey {
        case applied, handled, failed, missed, skipped, baseline, holds
        case inFlight = "in_flight"
    }

    package init(_ audit: PluginAudit) {
        let sum = audit.sum
        func total(_ book: Book) -> Int64 {
            let (total, overflow) = sum[book].addingReportingOverflow(audit.forgotten[book])
            return overflow ? .max : total
        }
        applied = total(.applied)
        handled = total(.handled)
        failed = total(.failed)
        missed = total(.missed)
        skipped = total(.skipped)
        baseline = total(.baseline)
        inFlight = audit.inFlight
        holds = audit.holds
    }
}
