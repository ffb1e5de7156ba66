import Outboard
import OutboardRedis
import RedisClient

/// A directory without a Redis: one plugin, `counter`, with two live replicas.
struct StubDirectory: PluginDirectory {
    var isDown = false
    /// Further plugins that have registered.
    var others: [String] = []

    func plugins() async throws -> [PluginSummary] {
        if isDown { throw RedisError(code: .connectionFailed, message: "cannot connect") }
        return (["counter"] + others).map {
            PluginSummary(name: $0, version: "1.0.0", subscribes: ["http.request"], replicas: 2)
        }
    }

    func counters(of plugin: PluginName) async throws -> PluginCounters? {
        if isDown { throw RedisError(code: .connectionFailed, message: "cannot connect") }
        guard plugin.rawValue == "counter" else { return nil }
        return PluginCounters(
            plugin: "counter", counters: ["requests": 9_007_199_254_740_993], families: ["status": ["200": 7]])
    }

    func detail(of plugin: PluginName) async throws -> PluginDetail? { nil }
    func audits() async throws -> [PluginAudit] { [] }
    func hearers(of type: String, key: String?) async throws -> Hearers {
        Hearers(lanes: 1, least: 0, most: 0, plugins: [])
    }
    func findings() async throws -> [Finding] { [] }
    func snapshot() async throws -> BusSnapshot {
        BusSnapshot(milliseconds: 0, place: "", memory: nil, publishers: 0, plugins: [])
    }
    func make(_ change: PluginChange, of plugin: PluginName) async throws -> PluginControl { PluginControl() }
    func trial(of change: PluginChange, of plugin: PluginName) async throws -> ConfigurationTrial {
        ConfigurationTrial(replicas: [])
    }
    func forget(_ plugin: PluginName) async throws -> Int { 0 }
}
