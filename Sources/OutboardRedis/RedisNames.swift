package import Outboard

/// Every key, channel and field of the protocol (docs/protocol.md); nothing else spells one.
///
/// A plugin's names carry the tag `{<plugin>}`, so that all of its state lies in one slot of a Redis Cluster and one
/// script changes it as a whole.
package struct RedisNames: Sendable, Equatable {
    /// The first part of every name, `outboard` by default.
    package let namespace: String

    package init(namespace: String = "outboard") {
        self.namespace = namespace
    }

    // MARK: The bus

    /// Hash: settings that every process must agree on.
    package var bus: String { "\(namespace):bus" }
    /// Field of `bus`: number of lanes of each type.
    package static let lanes = "lanes"
    /// Sorted set: publisher → last heartbeat, in milliseconds of Redis's clock.
    package var publishers: String { "\(namespace):publishers" }
    /// Set: names of all plugins that ever registered.
    package var plugins: String { "\(namespace):plugins" }
    /// Channel: what plugins tell each other and what an operator tells them.
    package var control: String { "\(namespace):control" }

    /// Hash: the record of one publisher.
    package func publisher(_ id: String) -> String { "\(namespace):publisher:\(id)" }
    /// Field of a record: last acknowledged number of one source.
    package static func recorded(type: String, lane: Int) -> String { "\(type)/\(lane)" }

    /// Channel: the events of one lane of one type.
    package func events(type: String, lane: Int) -> String { "\(namespace):events:\(type):\(lane)" }
    /// What all channels of a type begin with; the lane's number follows.
    package func eventsPrefix(type: String) -> String { "\(namespace):events:\(type):" }

    // MARK: A plugin's state

    private func of(_ plugin: PluginName, _ rest: String) -> String { "\(namespace):{\(plugin)}:\(rest)" }

    /// What all keys of a plugin's effects and books begin with.
    package func prefix(_ plugin: PluginName) -> String { of(plugin, "") }
    /// String: the plugin's manifest as JSON.
    package func manifest(_ plugin: PluginName) -> String { of(plugin, "manifest") }
    /// Hash: what the operator wants; fields in `Control`.
    package func pluginControl(_ plugin: PluginName) -> String { of(plugin, "control") }
    /// Hash: one replica's state and figures; expires when it is no longer written.
    package func replica(_ plugin: PluginName, _ id: String) -> String { of(plugin, "replica:\(id)") }
    /// Sorted set: replica → end of its lease.
    package func replicas(_ plugin: PluginName, type: String) -> String { of(plugin, "replicas:\(type)") }
    /// Hash, host → JSON: the last start there, until its process has proven itself.
    package func starts(_ plugin: PluginName) -> String { of(plugin, "starts") }
    /// Channel: a replica's messages to itself, which prove that it is heard.
    package func probe(_ plugin: PluginName, _ id: String) -> String { of(plugin, "probe:\(id)") }

    /// Hash: counters without a field.
    package func counters(_ plugin: PluginName) -> String { of(plugin, "counters") }
    /// Hash: counters of one family, by field.
    package func counterFamily(_ plugin: PluginName, _ name: String) -> String { of(plugin, "counters:\(name)") }
    /// Hash, bucket's start → number; what follows the name is the unit and the day.
    package func series(_ plugin: PluginName, _ name: String) -> String { of(plugin, "series:\(name)") }
    /// Hash, bucket's upper bound → observations, beside `count` and `sum`.
    package func histogram(_ plugin: PluginName, _ name: String) -> String { of(plugin, "histogram:\(name)") }
    /// Hash, field → observations; with `:<field>` behind it the histogram of one field.
    package func fieldHistograms(_ plugin: PluginName, _ name: String) -> String { of(plugin, "histograms:\(name)") }
    /// Sorted set: member → score.
    package func rank(_ plugin: PluginName, _ name: String) -> String { of(plugin, "rank:\(name)") }
    /// HyperLogLog.
    package func unique(_ plugin: PluginName, _ name: String) -> String { of(plugin, "unique:\(name)") }
    /// Hash, name → the largest value.
    package func maximum(_ plugin: PluginName) -> String { of(plugin, "maximum") }
    /// Hash, name → the smallest value.
    package func minimum(_ plugin: PluginName) -> String { of(plugin, "minimum") }

    /// Hash, source → number: one of the books.
    package func book(_ plugin: PluginName, _ book: Book) -> String { of(plugin, book.rawValue) }
    /// Hash, type → milliseconds: when the plugin began to hear a type.
    package func since(_ plugin: PluginName) -> String { of(plugin, "since") }
    /// Hash, book → number: the books of publishers that were forgotten, in sum.
    package func totals(_ plugin: PluginName) -> String { of(plugin, "totals") }
    /// Sorted set: forgotten publishers → when, in milliseconds of Redis's clock.
    package func retired(_ plugin: PluginName) -> String { of(plugin, "retired") }
    /// Hash, key → events whose effect on that key could not be applied.
    package func rejected(_ plugin: PluginName) -> String { of(plugin, "rejected") }

    /// Fields of a plugin's control hash.
    package enum Control {
        package static let state = "state"
        package static let config = "config"
        package static let revision = "revision"
        /// Why the state is what it is, in words for people.
        package static let reason = "reason"
    }

    /// Fields of a publisher's record that are not sources.
    package enum Record {
        package static let started = "started"
        package static let dropped = "dropped"
        package static let host = "host"
        package static let name = "name"
    }
}

/// The books of one plugin: hashes from source to a number of events.
package enum Book: String, Sendable, CaseIterable {
    /// The fence: the highest number dealt with.
    case applied
    /// Events whose effects are in.
    case handled
    /// Events whose handler threw.
    case failed
    /// Events that nobody heard.
    case missed
    /// Events that passed while the plugin was disabled.
    case skipped
    /// Events before the plugin's time.
    case baseline
}
