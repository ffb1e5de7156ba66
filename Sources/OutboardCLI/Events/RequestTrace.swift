import Outboard
import OutboardRedis

/// How far the event of one request has come, as a value.
struct RequestTrace: Encodable {
    /// One plugin that hears requests.
    struct Step: Encodable, Equatable {
        let plugin: String
        /// What its manifest says that it writes; Redis does not keep which event changed what.
        let effects: [ManifestSummary.Effect]
        /// Its fence for the event's source; nil where it has none yet.
        var applied: UInt64?
        /// When the fence was seen to have passed the event, in milliseconds since the event was heard.
        var afterMilliseconds: Int64?

        private enum CodingKeys: String, CodingKey {
            case plugin, effects, applied
            case afterMilliseconds = "after_ms"
        }
    }

    let source: String
    let id: UInt64
    let lane: Int?
    let request: String
    private(set) var steps: [Step]

    private enum CodingKeys: String, CodingKey {
        case source, id, lane, request
        case steps = "plugins"
    }

    /// - Parameter plugins: Those that hear the event's type, with the effects that they declare.
    init(_ event: HeardEvent, plugins: [(name: String, effects: [ManifestSummary.Effect])]) {
        source = event.source
        id = event.id
        lane = EventSource(event.source)?.lane
        request = event.request.map { "\($0.method) \($0.path) \($0.status)" } ?? ""
        steps = plugins.map { Step(plugin: $0.name, effects: $0.effects) }
    }

    /// Whether every plugin has dealt with the event.
    var isDone: Bool { steps.allSatisfy { $0.afterMilliseconds != nil } }

    /// Notes a plugin's fence; the event is dealt with once that has reached its number.
    mutating func note(fence: UInt64?, of plugin: String, afterMilliseconds: Int64) {
        guard let index = steps.firstIndex(where: { $0.plugin == plugin }), steps[index].afterMilliseconds == nil else {
            return
        }
        steps[index].applied = fence
        if let fence, fence >= id { steps[index].afterMilliseconds = afterMilliseconds }
    }

    /// What was heard.
    var head: [String] {
        [Printable.line(request)]
            + TextTable(
                [.init("", .left), .init("", .left)], indentation: 2,
                rows: [["source", source], ["lane", lane.map(String.init) ?? "-"], ["id", "\(id)"]]
            ).lines
    }

    /// How the plugins stand, and what they write.
    var stepLines: [String] {
        guard !steps.isEmpty else { return ["  no plugin hears \(HTTPRequest.eventType)"] }
        return steps.flatMap { step in
            let fence = step.applied.map(String.init) ?? "no fence yet"
            let verdict =
                step.afterMilliseconds.map { "dealt with after \(ShortText.duration(milliseconds: $0))" } ?? "waiting"
            return ["  \(step.plugin): \(verdict)  (applied \(fence))", "    writes " + Self.text(step.effects)]
        }
    }

    /// `requests counter, status family`
    private static func text(_ effects: [ManifestSummary.Effect]) -> String {
        guard !effects.isEmpty else { return "what its manifest does not say" }
        return effects.map { Printable.line("\($0.title) \($0.kind)") }.joined(separator: ", ")
    }
}
