import Foundation

/// Tables for people, in the form that docs/performance.md keeps.
enum TextTable {
    /// A section: medians, and ratios to its first contender.
    static func text(of section: Section) -> String {
        let head = [
            "", "CPU µs/event", "× first", "events/s", "Redis µs/event", "p99 ms", "peak MiB", "missed", "heard %",
            "publishers µs/event",
        ]
        let rows = section.outcomes.map { outcome in
            [
                outcome.name,
                number(outcome.median(\.cpuMicrosecondsPerEvent), 3),
                number(section.outcomes.first.flatMap { outcome.ratio(to: $0, \.cpuMicrosecondsPerEvent) }, 2),
                number(outcome.median(\.eventsPerSecond), 0),
                number(outcome.median(\.redisMicrosecondsPerEvent), 3),
                number(outcome.median(\.p99Milliseconds), 2),
                number(outcome.median { $0.peakMemoryBytes.map { Double($0) / 1_048_576 } }, 1),
                number(outcome.median { $0.missed.map(Double.init) }, 0),
                number(outcome.median { one in one.received.map { 100 * Double($0) / Double(one.events) } }, 0),
                number(outcome.median(\.publisherMicrosecondsPerEvent), 3),
            ]
        }
        return "\(section.title)\n\n" + table(head, rows)
    }

    /// The goals, each with what was measured.
    static func text(of goals: [Goal]) -> String {
        let rows = goals.map { goal in
            let bound =
                switch goal.bound {
                case .atLeast(let limit): "≥ \(number(limit, 2))"
                case .atMost(let limit): "≤ \(number(limit, 2))"
                }
            return [goal.what, goal.against, number(goal.measured, 2), bound, goal.isReached ? "yes" : "no"]
        }
        return "Goals (medians of the ratios turn by turn)\n\n"
            + table(["what", "against", "measured", "goal", "reached"], rows)
    }

    /// A table in Markdown, columns aligned for a terminal.
    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        let widths = head.indices.map { column in ([head] + rows).map { $0[column].count }.max() ?? 0 }
        let rule = widths.map { String(repeating: "-", count: $0) }
        return ([head, rule] + rows).map { row in
            "| " + zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: " | ")
                + " |\n"
        }.joined()
    }

    private static func number(_ value: Double?, _ digits: Int) -> String {
        value.map {
            $0.formatted(.number.precision(.fractionLength(digits)).grouping(.never).locale(.init(identifier: "en_US")))
        } ?? "–"
    }
}
