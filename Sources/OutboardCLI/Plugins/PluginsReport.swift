import OutboardRedis

/// The list of plugins as a person reads it.
struct PluginsReport {
    private let plugins: [PluginSummary]

    init(_ plugins: [PluginSummary]) {
        self.plugins = plugins
    }

    var lines: [String] {
        guard !plugins.isEmpty else { return ["no plugin has registered on this bus yet"] }
        return TextTable(
            [
                .init("plugin", .left), .init("version", .left), .init("state", .left), .init("replicas"),
                .init("handled"), .init("missed"), .init("lag"),
            ],
            rows: plugins.map { plugin in
                [
                    plugin.name, Self.versions(plugin), plugin.state.rawValue, "\(plugin.replicas)",
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
