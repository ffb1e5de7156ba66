import Outboard

/// How far the event of one request has come, as a value; the command line and the admin API give it as the same JSON.
package struct RequestTrace: Encodable, Sendable {
    /// One plugin that hears requests.
    package struct Step: Encodable, Equatable, Sendable {
        package let plugin: String
        /// What its manifest says that it writes; Redis does not keep which event changed what.
        package let effects: [ManifestSummary.Effect]
        /// Its fence for the event's source; nil where it has none yet.
        package var applied: UInt64?
        /// When the fence was seen to have passed the event, in milliseconds since the event was heard; nil while the
        /// plugin waits.
        package var afterMilliseconds: Int64?

        private enum CodingKeys: String, CodingKey {
            case plugin, effects, applied
            case afterMilliseconds = "after_ms"
        }
    }

    package let source: String
    package let id: UInt64
    package let lane: Int?
    /// `GET /hello 200`
    package let request: String
    package private(set) var steps: [Step]

    private enum CodingKeys: String, CodingKey {
        case source, id, lane, request
        case steps = "plugins"
    }

    /// - Parameter plugins: Those that hear the event's type, with the effects that they declare.
    package init(_ event: HeardEvent, plugins: [(name: String, effects: [ManifestSummary.Effect])]) {
        source = event.source
        id = event.id
        lane = EventSource(event.source)?.lane
        request = event.request.map { "\($0.method) \($0.path) \($0.status)" } ?? ""
        steps = plugins.map { Step(plugin: $0.name, effects: $0.effects) }
    }

    /// Whether every plugin has dealt with the event.
    package var isDone: Bool { steps.allSatisfy { $0.afterMilliseconds != nil } }

    /// Notes a plugin's fence; the event is dealt with once that has reached its number.
    package mutating func note(fence: UInt64?, of plugin: String, afterMilliseconds: Int64) {
        guard let index = steps.firstIndex(where: { $0.plugin == plugin }), steps[index].afterMilliseconds == nil else {
            return
        }
        steps[index].applied = fence
        if let fence, fence >= id { steps[index].afterMilliseconds = afterMilliseconds }
    }
}
