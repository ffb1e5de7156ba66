import Outboard

/// What the live replicas of a plugin think of a configuration that nobody has set.
package struct ConfigurationTrial: Encodable, Sendable, Equatable {
    /// Replicas whose plugin takes it.
    package private(set) var accepting: [String] = []
    /// Replica → why its plugin does not.
    package private(set) var refused: [String: String] = [:]
    /// Live replicas that have not answered.
    package private(set) var waiting: [String]

    package init(replicas: [String]) {
        waiting = replicas
    }

    /// Whether nobody is waited for any more.
    package var isSettled: Bool { waiting.isEmpty }

    /// Takes an answer to this question; others are left out.
    mutating func note(_ answer: ControlMessage, of plugin: PluginName, to question: String) {
        guard answer.kind == .judged, answer.plugin == plugin.rawValue, answer.id == question,
            let replica = answer.replica, let place = waiting.firstIndex(of: replica)
        else { return }
        waiting.remove(at: place)
        if let error = answer.error { refused[replica] = error } else { accepting.append(replica) }
    }
}
