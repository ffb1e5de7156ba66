import Outboard
import OutboardRedis

/// An audit as a program reads it; field names are those of the books.
struct AuditJSON: Encodable {
    private struct Entry: Encodable {
        var source: String?
        let published: Int64?
        let applied, handled, failed, missed, skipped, baseline: Int64
        let inFlight: Int64
        let holds: Bool

        private enum CodingKeys: String, CodingKey {
            case source, published, applied, handled, failed, missed, skipped, baseline, holds
            case inFlight = "in_flight"
        }

        init(_ entry: PluginAudit.Entry, source: String? = nil, inFlight: Int64? = nil, holds: Bool? = nil) {
            self.source = source
            published = entry.published
            applied = entry[.applied]
            handled = entry[.handled]
            failed = entry[.failed]
            missed = entry[.missed]
            skipped = entry[.skipped]
            baseline = entry[.baseline]
            self.inFlight = inFlight ?? entry.inFlight
            self.holds = holds ?? entry.holds
        }
    }

    private struct Damage: Encodable {
        let place, problem, mend: String
    }

    private struct Plugin: Encodable {
        let plugin: String
        let holds: Bool
        let sum: Entry
        let forgotten: Entry
        let rejected: [String: Int64]
        let damages: [Damage]
        let sources: [Entry]
    }

    private let holds: Bool
    private let plugins: [Plugin]

    init(_ audits: [PluginAudit]) {
        holds = audits.allSatisfy(\.holds)
        plugins = audits.map { audit in
            Plugin(
                plugin: audit.plugin.rawValue, holds: audit.holds,
                sum: Entry(
                    audit.sum, inFlight: audit.inFlight, holds: audit.sources.values.allSatisfy(\.holds)),
                forgotten: Entry(audit.forgotten), rejected: audit.rejected,
                damages: audit.damages.map { Damage(place: $0.place, problem: $0.problem, mend: $0.mend) },
                sources: audit.sources.sorted { $0.key < $1.key }.map { Entry($0.value, source: $0.key) })
        }
    }
}
