/// All findings as a person reads them.
struct DoctorReport {
    private static let green = 32
    private static let yellow = 33
    private static let red = 31

    private let findings: [Finding]
    private let isColoured: Bool

    init(_ findings: [Finding], isColoured: Bool = false) {
        self.findings = findings
        self.isColoured = isColoured
    }

    var fails: Bool { findings.contains { $0.verdict == .fail } }

    var lines: [String] {
        findings.flatMap { finding in
            [mark(finding.verdict) + "  \(Printable.line(finding.topic)): \(Printable.line(finding.found))"]
                + (finding.mend.map { ["      mend: \(Printable.line($0))"] } ?? [])
        } + ["", verdict]
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
