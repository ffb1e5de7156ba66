import Outboard
import OutboardRedis

/// A trace for a person.
struct TraceReport {
    private static let writes = "    writes "

    let trace: RequestTrace
    /// Of the terminal; what a plugin writes goes on in further lines where one would be longer.
    let width: Int

    init(_ trace: RequestTrace, width: Int = .max) {
        self.trace = trace
        self.width = width
    }

    /// What was heard.
    var head: [String] {
        [Printable.line(trace.request)]
            + TextTable(
                [.init("", .left), .init("", .left)], indentation: 2,
                rows: [
                    ["source", trace.source], ["lane", trace.lane.map(String.init) ?? "-"], ["id", "\(trace.id)"],
                ]
            ).lines
    }

    /// How the plugins stand, and what they write.
    var stepLines: [String] {
        guard !trace.steps.isEmpty else { return ["  no plugin hears \(HTTPRequest.eventType)"] }
        return trace.steps.flatMap { step in
            let fence = step.applied.map(String.init) ?? "no fence yet"
            let verdict =
                step.afterMilliseconds.map { "dealt with after \(ShortText.duration(milliseconds: $0))" } ?? "waiting"
            return ["  \(step.plugin): \(verdict)  (applied \(fence))"] + lines(of: step.effects)
        }
    }

    /// `writes requests counter, status family`; an effect is not torn apart.
    private func lines(of effects: [ManifestSummary.Effect]) -> [String] {
        guard let last = effects.last else { return [Self.writes + "what its manifest does not say"] }
        let texts =
            effects.dropLast().map { Printable.line("\($0.title) \($0.kind)") + "," }
            + [Printable.line("\(last.title) \(last.kind)")]
        let lines = ShortText.wrapped(texts, width: width - Self.writes.count)
        let indentation = String(repeating: " ", count: Self.writes.count)
        return lines.enumerated().map { ($0 == 0 ? Self.writes : indentation) + $1 }
    }
}
