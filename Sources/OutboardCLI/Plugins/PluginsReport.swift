import OutboardRedis

/// The list of plugins as a person reads it.
struct PluginsReport {
    private let plugins: [PluginSummary]
    private let rates: [String: Int64]?

    /// - Parameter rates: Plugin → events a second; nil where nobody asked.
    init(_ plugins: [PluginSummary], rates: [String: Int64]? = nil) {
        self.plugins = plugins
        self.rates = rates
    }

    var lines: [String] {
        guard !plugins.isEmpty else { return ["no plugin has registered on this bus yet"] }
        return TextTable(
            [
                .init("plugin", .left), .init("version", .left), .init("state", .left), .init("replicas"),
            ] + (rates == nil ? [] : [.init("rate/s")]) + [.init("handled"), .init("missed"), .init("lag")],
            rows: plugins.map { plugin in
                [
                    plugin.name, Self.versions(plugin), plugin.state.rawValue, "\(plugin.replicas)",
                ] + (rates.map { [$0[plugin.name].map(String.init) ?? "-"] } ?? []) + [
                    "\(plugin.handled)", "\(plugin.missed)",
                    plugin.lagMilliseconds.map { ShortText.duration(milliseconds: $0) } ?? "-",
                ]
            }
        ).lines
    }

    /// Those of the live replicas, else what has registered last.
    static func versions(_ plugin: PluginSummary) -> String {
        plugin.versions.isEmpty ? plugin.version ?? "-" : plugin.versions.joined(separator: ", ")
    }
}
