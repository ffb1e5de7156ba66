import OutboardRedis

/// All findings as a person reads them.
struct DoctorReport {
    private static let green = 32
    private static let yellow = 33
    private static let red = 31

    private static let indentation = String(repeating: " ", count: 6)

    private let findings: [Finding]
    private let isColoured: Bool
    private let width: Int

    /// - Parameter width: Of the terminal; lines are broken between words there.
    init(_ findings: [Finding], isColoured: Bool = false, width: Int = .max) {
        self.findings = findings
        self.isColoured = isColoured
        self.width = width
    }

    var fails: Bool { findings.contains { $0.verdict == .fail } }

    var lines: [String] { findings.flatMap(lines) + ["", verdict] }

    private func lines(_ finding: Finding) -> [String] {
        let space = Self.indentation
        var lines = wrapped("\(finding.topic): \(finding.found)").enumerated().map { index, line in
            (index == 0 ? mark(finding.verdict) + "  " : space) + line
        }
        if let mend = finding.mend { lines += wrapped("mend: \(mend)").map { space + $0 } }
        return lines
    }

    private func wrapped(_ text: String) -> [String] {
        ShortText.wrapped(Printable.line(text), width: width - Self.indentation.count)
    }

    private func mark(_ verdict: Finding.Verdict) -> String {
        let text = verdict.rawValue + String(repeating: " ", count: 4 - verdict.rawValue.count)
        guard isColoured else { return text }
        let colour =
            switch verdict {
            case .ok: Self.green
            case .warn: Self.yellow
            case .fail: Self.red
            }
        return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
    }

    private var verdict: String {
        func count(_ verdict: Finding.Verdict) -> Int { findings.filter { $0.verdict == verdict }.count }
        return "\(count(.fail)) failed, \(ShortText.counted(Int64(count(.warn)), "warning")), \(count(.ok)) ok"
    }
}
