import Outboard
import OutboardRedis

/// One plugin as a person reads it, in 80 columns.
struct InspectReport {
    private let detail: PluginDetail

    init(_ detail: PluginDetail) {
        self.detail = detail
    }

    var lines: [String] {
        [headline] + (detail.plugin.summary.map { ["  \(Printable.line($0))"] } ?? []) + [""] + properties + [""]
            + replicas + [""] + books
    }

    private var headline: String {
        "\(detail.plugin.name) \(Printable.line(PluginsReport.versions(detail.plugin)))  \(detail.plugin.state.rawValue)"
    }

    // MARK: Manifest and control

    private var properties: [String] {
        guard let manifest = detail.manifest else {
            return ["  manifest    there is none that can be read; start a replica, it registers itself"]
        }
        let control = detail.control
        var rows = [
            ["hears", list(manifest.subscribes ?? [])], ["delivery", manifest.delivery ?? "-"],
            ["protocol", manifest.protocol.map(String.init) ?? "-"],
            ["control", "\(control.state.rawValue), revision \(control.revision)"],
        ]
        rows.insert(contentsOf: effects(manifest), at: 2)
        if let reason = control.reason { rows.append(["", reason]) }
        if let problem = control.problem { rows.append(["", "cannot be read: \(problem)"]) }
        for (index, setting) in detail.settings.enumerated() {
            rows.append([index == 0 ? "config" : "", text(setting)])
        }
        return TextTable([.init("", .left), .init("", .left)], indentation: 2, rows: rows).lines
    }

    /// What it writes, a line a kind.
    private func effects(_ manifest: ManifestSummary) -> [[String]] {
        var kinds: [(kind: String, names: [String])] = []
        for effect in manifest.declaredEffects {
            if let index = kinds.firstIndex(where: { $0.kind == effect.kind }) {
                kinds[index].names.append(effect.title)
            } else {
                kinds.append((effect.kind, [effect.title]))
            }
        }
        return kinds.enumerated().map { index, entry in
            [index == 0 ? "writes" : "", "\(entry.kind): \(entry.names.joined(separator: ", "))"]
        }
    }

    private func text(_ setting: ManifestSummary.Setting) -> String {
        let origin =
            if let standard = setting.standard {
                standard == setting.value ? "default" : "default \(standard.text)"
            } else {
                "not in the manifest"
            }
        return "\(setting.name) = \(setting.value.text)  (\(origin))" + (setting.about.map { "  \($0)" } ?? "")
    }

    private func list(_ texts: [String]) -> String { texts.isEmpty ? "-" : texts.joined(separator: ", ") }

    // MARK: Replicas

    private var replicas: [String] {
        let crashes = detail.crashLoops.map { "  has " + Printable.line($0.text) }
        guard !detail.replicas.isEmpty else { return crashes + ["  no replica lives"] }
        return crashes + ["  replicas"] + detail.replicas.flatMap(lines)
    }

    private func lines(_ replica: ReplicaSummary) -> [String] {
        let place = [
            replica.host.map { "host \($0)" }, replica.pid.map { "pid \($0)" },
            replica.started.map { "since \(ShortText.time(milliseconds: $0))" },
        ].compactMap { $0 }
        var lines = [
            "\(replica.id)  \(replica.state)\(replica.isLive ? "" : ", no lease"), version \(replica.version ?? "-")",
            "  " + (place.isEmpty ? "its hash has expired" : place.joined(separator: ", ")),
            "  lanes \(replica.lanes.count)\(ofLanes), lag \(ShortText.duration(milliseconds: replica.lagMilliseconds)), "
                + "revision \(replica.revision)",
            "  received \(replica.received), handled \(replica.handled), failed \(replica.failed), "
                + "malformed \(replica.malformed)",
            "  missed \(replica.missed), let go \(replica.letGo), slow \(replica.slow)",
        ]
        if replica.p99Microseconds > 0 {
            let (half, most) = (replica.p50Microseconds, replica.p99Microseconds)
            lines.append(
                "  an event takes \(ShortText.duration(microseconds: half)), "
                    + "all but one in a hundred at most \(ShortText.duration(microseconds: most))")
        }
        if let memory = replica.memory { lines.append("  memory \(memory >> 20) MiB") }
        if let error = replica.error { lines.append("  error: \(error)") }
        return lines.map { "    " + Printable.line($0) }
    }

    private var ofLanes: String {
        guard let lanes = detail.lanes else { return "" }
        return " of \(lanes * max(1, detail.plugin.subscribes.count))"
    }

    // MARK: Books

    private var books: [String] {
        let books = detail.books
        return ["  books: \(books.holds ? "balance" : "DO NOT BALANCE, see outboard audit \(detail.plugin.name)")"]
            + TextTable(
                ["handled", "failed", "missed", "skipped", "baseline", "applied", "in flight"].map { .init($0) },
                indentation: 4,
                rows: [
                    [
                        "\(books.handled)", "\(books.failed)", "\(books.missed)", "\(books.skipped)",
                        "\(books.baseline)", "\(books.applied)", "\(books.inFlight)",
                    ]
                ]
            ).lines
    }
}
