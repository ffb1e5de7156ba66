import Outboard
import OutboardRedis

/// An audit as a person reads it, in 80 columns.
struct AuditReport {
    private static let columns = ["published", "handled", "failed", "missed", "skipped", "baseline", "in flight"]
    /// Problems of one kind that are told in full; `--json` has all.
    private static let limit = 20

    private let audit: PluginAudit

    init(_ audit: PluginAudit) {
        self.audit = audit
    }

    /// - Parameter sources: Whether every source is listed, not only those that are wrong.
    func text(sources: Bool = false) -> String {
        var lines = [headline] + table([("", audit.sum, audit.inFlight)])
        if sources { lines += listing }
        lines += forgotten + rejected
        lines += shortened(
            audit.wrong.map { ["  WRONG    \(Printable.text($0.source))", "           \($0.imbalance)"] })
        if let imbalance = audit.forgotten.imbalance {
            lines += ["  WRONG    forgotten publishers", "           \(imbalance)"]
        }
        lines += shortened(
            audit.damages.map { damage in
                [
                    "  DAMAGED  \(Printable.text(damage.place))", "           \(Printable.text(damage.problem))",
                    "           \(Printable.text(damage.mend))",
                ]
            })
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let publishers = Set(audit.sources.keys.map { EventSource($0)?.publisher ?? $0 }).count
        let verdict = audit.holds ? "the books balance" : "THE BOOKS DO NOT BALANCE"
        return "\(audit.plugin): \(verdict)  "
            + "(\(counted(audit.sources.count, "source")), \(counted(publishers, "publisher")))"
    }

    /// All sources, by publisher and type.
    private var listing: [String] {
        let groups = Dictionary(grouping: audit.sources.keys.sorted()) { source in
            source.lastIndex(of: "/").map { String(source[..<$0]) } ?? source
        }
        return groups.keys.sorted().flatMap { group in
            let members = groups[group, default: []].map { source in
                (lane: String(source.dropFirst(group.count + 1)), entry: audit.sources[source] ?? .init())
            }.sorted { (Int($0.lane) ?? -1) < (Int($1.lane) ?? -1) }
            return ["  \(Printable.text(group))"]
                + table(members.map { (Printable.text($0.lane), $0.entry, $0.entry.inFlight) }, rows: "lane")
        }
    }

    private var forgotten: [String] {
        guard audit.forgotten != PluginAudit.Entry() else { return [] }
        let parts = Book.allCases.filter { $0 != .applied && audit.forgotten[$0] != 0 }
            .map { "\($0.rawValue) \(audit.forgotten[$0])" }
        return [
            "  forgotten publishers: applied \(audit.forgotten[.applied])"
                + (parts.isEmpty ? "" : ", \(parts.joined(separator: ", "))")
        ]
    }

    private var rejected: [String] {
        audit.rejected.sorted { $0.key < $1.key }.map {
            "  effects not applied: \(Printable.text($0.key)), \(counted(Int($0.value), "event"))"
        }
    }

    private func table(_ entries: [(name: String, entry: PluginAudit.Entry, inFlight: Int64)], rows: String = "")
        -> [String]
    {
        let header = (rows.isEmpty ? [] : [rows]) + Self.columns
        let cells = entries.map { row in
            (rows.isEmpty ? [] : [row.name]) + [
                row.entry.published.map(String.init) ?? "-", "\(row.entry[.handled])", "\(row.entry[.failed])",
                "\(row.entry[.missed])", "\(row.entry[.skipped])", "\(row.entry[.baseline])", "\(row.inFlight)",
            ]
        }
        return TextTable(header.map { TextTable.Column($0) }, indentation: 2, rows: cells).lines
    }

    private func shortened(_ problems: [[String]]) -> [String] {
        problems.prefix(Self.limit).flatMap { $0 }
            + (problems.count > Self.limit ? ["  … and \(problems.count - Self.limit) more; --json has all"] : [])
    }

    private func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}
