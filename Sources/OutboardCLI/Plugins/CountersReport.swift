import OutboardRedis

/// What a plugin has written as a person reads it.
struct CountersReport {
    /// What is shown: all, or only what has the name that was asked for.
    let counters: PluginCounters
    /// The names of everything, for somebody who asked for one that is not there.
    let names: String
    private let top: Int

    init(_ all: PluginCounters, name: String? = nil, top: Int) {
        self.top = top
        counters = name.map { all.only($0) } ?? all
        let names = all.names
        self.names = names.isEmpty ? "none yet" : names.joined(separator: ", ")
    }

    var isEmpty: Bool { counters.isEmpty }

    var lines: [String] {
        guard !isEmpty else { return ["\(counters.plugin) has written nothing yet"] }
        let sections = [numbers("counters", counters.counters)] + families + series + histograms + ranks
        let rest = [
            numbers("different elements (unique)", counters.uniques), numbers("maximum", counters.maximum),
            numbers("minimum", counters.minimum), numbers("rejected: events whose effect failed", counters.rejected),
        ]
        return Array((sections + rest).filter { !$0.isEmpty }.joined(separator: [""]))
    }

    private func numbers(_ title: String, _ numbers: [String: Int64]) -> [String] {
        guard !numbers.isEmpty else { return [] }
        return [title] + table(numbers.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] })
    }

    private var families: [[String]] {
        counters.families.sorted { $0.key < $1.key }.map { name, family in
            let ordered = family.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            return [Printable.line(name) + " (\(ShortText.counted(Int64(family.count), "field")))"]
                + table(ordered.prefix(top).map { [$0.key, "\($0.value)"] }) + more(family.count, "field")
        }
    }

    private var series: [[String]] {
        counters.series.sorted { $0.key < $1.key }.flatMap { name, units in
            units.sorted { $0.key < $1.key }.map { unit, buckets in
                ["\(Printable.line(name)) per \(Printable.line(unit))"]
                    + table(buckets.suffix(top).map { [$0.start, "\($0.value)"] })
            }
        }
    }

    private var histograms: [[String]] {
        let plain = counters.histograms.sorted { $0.key < $1.key }.map { ($0.key, [("", $0.value)]) }
        let byField = counters.fieldHistograms.sorted { $0.key < $1.key }.map { name, fields in
            (name, fields.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map { ($0.key, $0.value) })
        }
        return (plain + byField).map { name, rows in
            let hasFields = rows.count > 1 || rows.first?.0 != ""
            let figures = ["count", "mean", "p50", "p95", "p99"].map { TextTable.Column($0) }
            let table = TextTable(
                (hasFields ? [TextTable.Column("field", .left, limit: 40)] : []) + figures, indentation: 2,
                rows: rows.prefix(top).map { field, histogram in
                    (hasFields ? [field] : []) + [
                        "\(histogram.count)", Self.mean(histogram.mean), "\(histogram.p50)", "\(histogram.p95)",
                        "\(histogram.p99)",
                    ]
                })
            return [Printable.line(name)] + table.lines + more(rows.count, "field")
        }
    }

    private var ranks: [[String]] {
        counters.ranks.sorted { $0.key < $1.key }.filter { !$0.value.isEmpty }.map { name, members in
            ["\(Printable.line(name)), highest first"] + table(members.prefix(top).map { [$0.member, "\($0.score)"] })
        }
    }

    private func table(_ rows: [[String]]) -> [String] {
        TextTable([.init("", .left, limit: 60), .init("")], indentation: 2, rows: rows).lines
    }

    private func more(_ count: Int, _ noun: String) -> [String] {
        count > top ? ["  … and \(ShortText.counted(Int64(count - top), noun)) more; --top \(count) shows all"] : []
    }

    /// One digit behind the point.
    private static func mean(_ mean: Double) -> String {
        let tenths = (mean * 10).rounded()
        return Int64(exactly: tenths).map { "\($0 / 10).\(abs($0 % 10))" } ?? "\(mean)"
    }
}

extension PluginCounters {
    /// Every name, each once, in order.
    fileprivate var names: [String] {
        let all = [
            Array(counters.keys), Array(families.keys), Array(series.keys), Array(histograms.keys),
            Array(fieldHistograms.keys), Array(ranks.keys), Array(uniques.keys), Array(maximum.keys),
            Array(minimum.keys),
        ]
        return Set(all.joined()).sorted()
    }

    /// What has this name. A rejected effect is found by its key's name.
    fileprivate func only(_ name: String) -> PluginCounters {
        var some = PluginCounters(
            plugin: plugin, counters: counters.filter { $0.key == name }, families: families.filter { $0.key == name })
        some.series = series.filter { $0.key == name }
        some.histograms = histograms.filter { $0.key == name }
        some.fieldHistograms = fieldHistograms.filter { $0.key == name }
        some.ranks = ranks.filter { $0.key == name }
        some.uniques = uniques.filter { $0.key == name }
        some.maximum = maximum.filter { $0.key == name }
        some.minimum = minimum.filter { $0.key == name }
        some.rejected = rejected.filter { $0.key.split(separator: ":").dropFirst().first.map(String.init) == name }
        return some
    }
}
