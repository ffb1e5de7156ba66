import OutboardRedis

/// What `outboard top` shows: a pure function from two snapshots and a size to lines.
struct TopScreen {
    /// From so many columns on there is room for all figures.
    private static let wide = 120
    private static let megabyte = 1 << 20

    private let now: BusSnapshot
    private let before: BusSnapshot?

    /// - Parameter before: The snapshot before, from which rates follow; nil where there is none yet.
    init(_ now: BusSnapshot, before: BusSnapshot?) {
        self.now = now
        self.before = before
    }

    /// - Parameter notice: What is wrong, shown instead of the line of help.
    func lines(in size: Terminal.Size, notice: String? = nil) -> [String] {
        let isWide = size.columns >= Self.wide
        let body = now.plugins.isEmpty ? ["no plugin has registered on this bus yet"] : table(isWide: isWide)
        let room = max(1, size.rows - 4)
        let shown = body.count <= room ? body : body.prefix(room - 1) + ["… and \(body.count - room + 1) more lines"]
        return ([head, ""] + shown + ["", notice ?? "q quits"]).map { TextTable.cut($0, to: size.columns) }
    }

    /// The same without a size and without help, for a pipe.
    var plainLines: [String] { [head] + table(isWide: true) }

    private var head: String {
        let rates = now.plugins.compactMap { rate(of: $0) }
        return [
            ShortText.time(milliseconds: now.milliseconds), "Redis \(now.place)",
            now.memory.map { "\($0 / Int64(Self.megabyte)) MiB" },
            ShortText.counted(Int64(now.publishers), "publisher"),
            rates.isEmpty ? nil : "\(rates.reduce(0, +)) handled/s",
        ].compactMap { $0 }.joined(separator: "  ")
    }

    // MARK: Table

    private func table(isWide: Bool) -> [String] {
        var columns: [TextTable.Column] = [
            .init("plugin, replica", .left, limit: isWide ? 50 : 26), .init("state", .left), .init("rate/s"),
            .init("p99"), .init("lag"), .init("lanes"), .init("missed"), .init("failed"),
        ]
        if isWide {
            columns += [
                .init("handled"), .init("in flight"), .init("malformed"), .init("let go"), .init("p50"),
                .init("slow"), .init("MiB"), .init("version", .left),
                .init("host", .left, limit: 24), .init("pid"),
            ]
        }
        let rows = now.plugins.flatMap { plugin in
            [row(plugin)] + plugin.replicas.map { row($0, of: plugin) }
        }
        return TextTable(columns, rows: rows).lines
    }

    private func row(_ plugin: PluginDetail) -> [String] {
        let lag = plugin.plugin.lagMilliseconds.map { ShortText.duration(milliseconds: $0) } ?? "-"
        let live = plugin.replicas.filter(\.isLive)
        return [
            plugin.plugin.name, plugin.plugin.state.rawValue, text(rate(of: plugin)),
            time(live.map(\.p99Microseconds).max() ?? 0), lag,
            "\(Set(live.flatMap(\.lanes)).count)", "\(plugin.books.missed)", "\(plugin.books.failed)",
            "\(plugin.books.handled)", "\(plugin.books.inFlight)", "", "", "", "", "",
            PluginsReport.versions(plugin.plugin),
        ]
    }

    private func row(_ replica: ReplicaSummary, of plugin: PluginDetail) -> [String] {
        let prefix = plugin.plugin.name + "-"
        let name = replica.id.hasPrefix(prefix) ? String(replica.id.dropFirst(prefix.count)) : replica.id
        return [
            "  " + name, replica.state + (replica.isLive ? "" : " (no lease)"),
            text(rate(of: replica, plugin: plugin.plugin.name)), time(replica.p99Microseconds),
            ShortText.duration(milliseconds: replica.lagMilliseconds), "\(replica.lanes.count)", "\(replica.missed)",
            "\(replica.failed)", "\(replica.handled)", "", "\(replica.malformed)", "\(replica.letGo)",
            time(replica.p50Microseconds), "\(replica.slow)",
            replica.memory.map { "\($0 / Int64(Self.megabyte))" } ?? "-",
            replica.version ?? "-", replica.host ?? "-", replica.pid.map(String.init) ?? "-",
        ]
    }

    // MARK: Rates

    /// A time that was measured; where no event was timed within the last second there is none.
    private func time(_ microseconds: Int64) -> String {
        microseconds > 0 ? ShortText.duration(microseconds: microseconds) : "-"
    }

    private func text(_ rate: Int64?) -> String { rate.map(String.init) ?? "-" }

    private func rate(of plugin: PluginDetail) -> Int64? {
        guard let last = before?.plugins.first(where: { $0.plugin.name == plugin.plugin.name }) else { return nil }
        return rate(from: last.books.handled, to: plugin.books.handled)
    }

    private func rate(of replica: ReplicaSummary, plugin: String) -> Int64? {
        let last = before?.plugins.first { $0.plugin.name == plugin }?.replicas.first { $0.id == replica.id }
        return last.flatMap { rate(from: $0.handled, to: replica.handled) }
    }

    private func rate(from old: Int64, to new: Int64) -> Int64? {
        guard let before else { return nil }
        return EventRate.perSecond(from: old, to: new, milliseconds: now.milliseconds - before.milliseconds)
    }
}
