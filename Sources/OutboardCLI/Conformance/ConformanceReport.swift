import Foundation

/// What a program keeps of the protocol, for a person and for a program.
struct ConformanceReport: Sendable {
    let results: [ConformanceResult]

    /// Whether every case that was asked for holds.
    var holds: Bool { results.allSatisfy { $0.outcome == .holds } }

    /// One case as a person reads it: a line, and below a failure what the program wrote last.
    static func line(_ result: ConformanceResult, width: Int) -> String {
        let name = result.name + String(repeating: " ", count: max(0, width - result.name.count))
        switch result.outcome {
        case .holds: return "ok    \(name)  \(result.proves)\n"
        case .notRun(let reason): return "--    \(name)  not tried: \(reason)\n"
        case .fails(let discrepancy):
            return "FAIL  \(name)  \(Printable.text("\(discrepancy)"))\n"
                + result.output.map { "      | \(Printable.text($0))\n" }.joined()
        }
    }

    /// The last line.
    var summary: String {
        let broken = results.filter { if case .fails = $0.outcome { true } else { false } }.map(\.name)
        let held = results.count { $0.outcome == .holds }
        if held == results.count { return "all \(held) hold\n" }
        let untried = results.count - held - broken.count
        return "\(held) of \(results.count) hold; not: \(broken.joined(separator: ", "))"
            + (untried == 0 ? "" : "; \(untried) not tried") + "\n"
    }

    private struct JSON: Encodable {
        struct Case: Encodable {
            let name, proves, outcome: String
            var expected, seen, reason: String?
            let output: [String]
        }
        let holds: Bool
        let cases: [Case]
    }

    /// - Throws: Never, in practice: there are only texts in it.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let cases = results.map { result in
            switch result.outcome {
            case .holds: JSON.Case(name: result.name, proves: result.proves, outcome: "ok", output: [])
            case .notRun(let reason):
                JSON.Case(name: result.name, proves: result.proves, outcome: "not_tried", reason: reason, output: [])
            case .fails(let found):
                JSON.Case(
                    name: result.name, proves: result.proves, outcome: "failed", expected: found.expected,
                    seen: found.seen, output: result.output)
            }
        }
        return String(decoding: try encoder.encode(JSON(holds: holds, cases: cases)), as: UTF8.self) + "\n"
    }
}
