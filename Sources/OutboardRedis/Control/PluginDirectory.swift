package import Outboard

/// What is known of the plugins on a bus; the admin API's view of Redis.
package protocol PluginDirectory: Sendable {
    /// All plugins that ever registered, by name.
    func plugins() async throws -> [PluginSummary]

    /// A plugin's counters, or nil if no plugin of this name ever registered.
    func counters(of plugin: PluginName) async throws -> PluginCounters?

    /// Everything but a plugin's counters, or nil if no plugin of this name ever registered.
    func detail(of plugin: PluginName) async throws -> PluginDetail?

    /// The books of all plugins.
    func audits() async throws -> [PluginAudit]

    /// Who hears the lanes to which events of a type go.
    ///
    /// - Parameter key: Then only its lane counts.
    func hearers(of type: String, key: String?) async throws -> Hearers

    /// What is wrong with Redis, publishers and plugins, and what is well.
    func findings() async throws -> [Finding]

    /// The whole bus at this moment.
    func snapshot() async throws -> BusSnapshot

    /// Makes a change.
    ///
    /// - Returns: What is wanted now.
    /// - Throws: `PluginChangeRefusal`, or `RedisError`.
    func make(_ change: PluginChange, of plugin: PluginName) async throws -> PluginControl

    /// Asks the live replicas whether they would take the settings of a change; nothing is changed.
    ///
    /// - Throws: `PluginChangeRefusal`, or `RedisError`.
    func trial(of change: PluginChange, of plugin: PluginName) async throws -> ConfigurationTrial

    /// Deletes a plugin that is gone.
    ///
    /// - Returns: How many keys there were.
    /// - Throws: `PluginChangeRefusal`, or `RedisError`.
    func forget(_ plugin: PluginName) async throws -> Int
}

/// How a plugin stands, from its replicas and from what the operator wants.
package enum PluginStanding: String, Codable, Sendable {
    /// It runs.
    case enabled
    /// It runs, and the operator wants it to hear nothing.
    case disabled
    /// It has no live replica.
    case stopped
    /// A replica says that it cannot go on by itself, or its processes crash again and again.
    case failed

    package init(replicas: [ReplicaSummary], control: PluginControl, crashLoops: [CrashLoop] = []) {
        if !crashLoops.isEmpty || replicas.contains(where: \.hasFailed) {
            self = .failed
        } else if !replicas.contains(where: \.isLive) {
            self = .stopped
        } else {
            self = control.state == .enabled ? .enabled : .disabled
        }
    }
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
    /// Of these replicas, in order; two while one replaces the other.
    package var versions: [String]
    package var state: PluginStanding
    /// Events whose effects are in, since the plugin's first day.
    package var handled: Int64
    /// Events whose handler threw.
    package var failed: Int64
    /// Events that nobody heard.
    package var missed: Int64
    /// The largest of its live replicas; nil where there is none.
    package var lagMilliseconds: Int64?

    private enum CodingKeys: String, CodingKey {
        case name, version, summary, subscribes, delivery, replicas, versions, state, handled, failed, missed
        case lagMilliseconds = "lag_ms"
    }

    package init(
        name: String, version: String? = nil, summary: String? = nil, subscribes: [String] = [],
        delivery: String? = nil, replicas: Int = 0, versions: [String] = [], state: PluginStanding = .stopped,
        handled: Int64 = 0, failed: Int64 = 0, missed: Int64 = 0, lagMilliseconds: Int64? = nil
    ) {
        self.name = name
        self.version = version
        self.summary = summary
        self.subscribes = subscribes
        self.delivery = delivery
        self.replicas = replicas
        self.versions = versions
        self.state = state
        self.handled = handled
        self.failed = failed
        self.missed = missed
        self.lagMilliseconds = lagMilliseconds
    }

    /// What follows from the parts that were read.
    init(
        _ name: PluginName, manifest: ManifestSummary?, control: PluginControl, replicas: [ReplicaSummary],
        crashLoops: [CrashLoop] = [], books: BookSums
    ) {
        let live = replicas.filter(\.isLive)
        self.init(
            name: name.rawValue, version: manifest?.version, summary: manifest?.summary,
            subscribes: manifest?.subscribes ?? [], delivery: manifest?.delivery, replicas: live.count,
            versions: Set(live.compactMap(\.version)).sorted(),
            state: PluginStanding(replicas: replicas, control: control, crashLoops: crashLoops),
            handled: books.handled, failed: books.failed, missed: books.missed,
            lagMilliseconds: live.map(\.lagMilliseconds).max())
    }
}
