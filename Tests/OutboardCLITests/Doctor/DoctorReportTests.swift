import Testing

@testable import OutboardCLI
@testable import OutboardRedis

@Suite("Report of outboard doctor")
struct DoctorReportTests {
    private let findings: [Finding] = [
        .ok("redis", "Redis 7.0.15 at 127.0.0.1:6390"),
        .warn("disk", "appendonly is off", mend: "CONFIG SET appendonly yes, then CONFIG REWRITE"),
        .fail("p", "a\u{1B}[2Jb", mend: "mend it"),
    ]

    @Test("says what was found, how to mend it, and how much of each there is")
    func lines() {
        #expect(
            DoctorReport(findings).lines == [
                "ok    redis: Redis 7.0.15 at 127.0.0.1:6390", "warn  disk: appendonly is off",
                "      mend: CONFIG SET appendonly yes, then CONFIG REWRITE", #"fail  p: a\u{1b}[2Jb"#,
                "      mend: mend it", "", "1 failed, 1 warning, 1 ok",
            ])
        #expect(DoctorReport(findings).fails)
        #expect(!DoctorReport(Array(findings.prefix(2))).fails)
    }

    @Test("breaks lines between words on a terminal, and colours the verdicts there")
    func terminal() {
        let lines = DoctorReport(findings, isColoured: true, width: 30).lines
        #expect(lines[0] == "\u{1B}[32mok  \u{1B}[0m  redis: Redis 7.0.15 at")
        #expect(lines[1] == "      127.0.0.1:6390")
        #expect(lines[3...5] == ["      mend: CONFIG SET", "      appendonly yes, then", "      CONFIG REWRITE"])
    }
}
