package import Outboard

/// What is known of the plugins on a bus; the admin API's view of Redis.
package protocol PluginDirectory: Sendable {
    /// All plugins that ever registered, by name.
    func plugins() async throws -> [PluginSummary]

    /// A plugin's counters, or nil if no plugin of this name ever registered.
    func counters(of plugin: PluginName) async throws -> PluginCounters?
}

/// One plugin as a list of plugins shows it.
package struct PluginSummary: Codable, Sendable, Equatable {
    package var name: String
    /// From the manifest; nil where there is none that can be read.
    package var version: String?
    package var summary: String?
    package var subscribes: [String]
    package var delivery: String?
    /// Replicas whose lease has not ended.
    package var replicas: Int

    package init(
        name: String, version: String? = nil, summary: String? = nil, subscribes: [String] = [],
        delivery: String? = nil, replicas: Int = 0
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.subscribes = subscribes
        self.delivery = delivery
        self.replicas = replicas
    }
}

/// All counters of one plugin.
package struct PluginCounters: Codable, Sendable, Equatable {
    package var plugin: String
    /// Counters without a field.
    package var counters: [String: Int64]
    /// Counters by field, by family.
    package var families: [String: [String: Int64]]

    package init(plugin: String, counters: [String: Int64] = [:], families: [String: [String: Int64]] = [:]) {
        self.plugin = plugin
        self.counters = counters
        self.families = families
    }
}
