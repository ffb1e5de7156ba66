import Outboard
import OutboardRedis

/// A change that was made to a plugin, and who follows it.
struct FollowedChange: Encodable, Equatable {
    var plugin: String
    var state: PluginControl.State
    var revision: Int64
    /// Live replicas that have answered with this revision or a later one.
    var following: [String]
    /// Live replicas that have not.
    var waiting: [String]
    /// Replica → why it does not do what is wanted.
    var refused: [String: String]

    /// - Parameter replicas: As their hashes show them.
    init(_ plugin: PluginName, state: PluginControl.State, revision: Int64, replicas: [ReplicaSummary]) {
        let live = replicas.filter(\.isLive)
        self.plugin = plugin.rawValue
        self.state = state
        self.revision = revision
        let expected = state == .enabled ? ReplicaState.running : .disabled
        let following = live.filter { $0.revision >= revision && $0.state == expected.rawValue }.map(\.id)
        self.following = following
        waiting = live.map(\.id).filter { !following.contains($0) }
        refused = Dictionary(
            live.filter { $0.revision >= revision }.compactMap { replica in replica.error.map { (replica.id, $0) } }
        ) { $1 }
    }

    /// Whether nobody is waited for any more.
    var isSettled: Bool { waiting.isEmpty || !refused.isEmpty }

    /// What became of it, for people.
    ///
    /// - Parameter news: What was done, for example `disabled`.
    func lines(_ news: String) -> [String] {
        let count = following.count
        let replicas = count == 1 ? "1 replica follows" : "\(count) replicas follow"
        var lines = [
            "\(plugin) is \(news) (revision \(revision)): " + (count > 0 ? replicas : "no replica is there to follow")
        ]
        lines += refused.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        lines += waiting.filter { refused[$0] == nil }.map { "  \($0) has not answered yet" }
        return lines.map(Printable.text)
    }

    /// Waits until every live replica has followed or refused, for some seconds at most.
    static func wait(
        for revision: Int64, state: PluginControl.State, of plugin: PluginName, seconds: Int, reader: PluginReader
    ) async throws -> FollowedChange {
        let types = try await reader.manifest(of: plugin)?.subscribes ?? []
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let replicas = try await reader.replicas(of: plugin, types: types)
            let change = FollowedChange(plugin, state: state, revision: revision, replicas: replicas)
            if change.isSettled || ContinuousClock.now >= deadline { return change }
            // Replicas tell nobody when they write their hash.
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
