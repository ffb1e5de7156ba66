import Foundation
import OutboardTesting
import Testing

/// `outboard torture` itself, short: real replicas, real faults. The long one is `make torture`.
@Suite("outboard torture", .timeLimit(.minutes(4)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct TortureTests {
    private func torture(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess(Executables.product("outboard"), arguments: ["torture"] + arguments)
    }

    @Test("certifies that every event counts once under all kinds of faults")
    func short() async throws {
        let run = try torture("--seed", "20261121", "--seconds", "25", "--rate", "400")
        let code = try await run.waitForExit(within: .seconds(150))
        let report = run.lines.joined(separator: "\n")
        #expect(code == 0, Comment(rawValue: report))
        #expect(run.lines.contains("  verdict        HOLDS"))
        #expect(run.lines.contains("  counted twice  0"))
        #expect(run.lines.contains("  unaccounted    0"))
        // It must have been a torture: most of 400 a second were published, faults came, some events were counted.
        func number(_ name: String) throws -> Int {
            let row = try #require(run.lines.first { $0.hasPrefix("  \(name) ") })
            return try #require(Int(row.split(separator: " ")[row.hasPrefix("  counted twice") ? 2 : 1]))
        }
        #expect(try number("published") > 5_000)
        #expect(try number("counted") > 1_000)
        #expect(try number("faults") >= 8)
    }

    @Test("refuses what makes no sense with 64")
    func usage() async throws {
        #expect(try await torture("--seconds", "1").waitForExit() == 64)
        #expect(try await torture("--replicas", "9").waitForExit() == 64)
        #expect(try await torture("--rate", "0").waitForExit() == 64)
        #expect(try await torture("--programs-dir", "/nowhere").waitForExit() == 64)
    }
}
