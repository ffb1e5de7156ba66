import Foundation
import OutboardTesting
import Testing

/// `outboard conformance` itself: what is right passes, what is wrong fails where it is wrong.
@Suite("outboard conformance", .timeLimit(.minutes(4)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct ConformanceTests {
    private func conformance(_ arguments: String..., program: [String]) async throws -> (code: Int32, lines: [String]) {
        let run = try ChildProcess(
            Executables.product("outboard"), arguments: ["conformance"] + arguments + ["--"] + program)
        let code = try await run.waitForExit(within: .seconds(150))
        return (code, run.lines)
    }

    /// The names of the cases with one verdict.
    private func cases(_ verdict: String, in lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix(verdict + " ") }.compactMap { $0.split(separator: " ").dropFirst().first }
            .map(String.init)
    }

    private func report(_ lines: [String]) -> Comment { Comment(rawValue: lines.joined(separator: "\n")) }

    @Test("our own plugin passes every case")
    func ownPlugin() async throws {
        let run = try await conformance(program: [Executables.product("request-counter").path])
        #expect(run.code == 0, report(run.lines))
        #expect(cases("ok", in: run.lines).count == 19)
        #expect(run.lines.last == "all 19 hold")
    }

    @Test("our own publisher passes every case")
    func ownPublisher() async throws {
        let run = try await conformance("--publisher", program: [Executables.product("EventPublisher").path])
        #expect(run.code == 0, report(run.lines))
        #expect(cases("ok", in: run.lines).count == 13)
        #expect(run.lines.last == "all 13 hold")
    }

    @Test("a plugin that counts whatever it hears fails by duplicates, holes and failures, and only there")
    func naivePlugin() async throws {
        let run = try await conformance(
            "--case", "registers", "--case", "one", "--case", "batch", "--case", "duplicates", "--case", "failed",
            "--case", "hole", "--case", "lease", program: [Executables.product("NaivePlugin").path])
        #expect(run.code == 1, report(run.lines))
        #expect(cases("ok", in: run.lines) == ["registers", "one", "batch"])
        #expect(cases("FAIL", in: run.lines) == ["lease", "duplicates", "failed", "hole"])
        let duplicates = try #require(run.lines.first { $0.hasPrefix("FAIL  duplicates") })
        #expect(duplicates.contains("expected applied 4, handled 4, counters requests 4"))
        #expect(duplicates.contains("saw applied 13, handled 13, in flight 0, counters requests 13"))
        #expect(run.lines.last == "3 of 7 hold; not: lease, duplicates, failed, hole")
    }

    @Test("a program that registers nothing fails at once, with its last words; the rest is not tried")
    func mute() async throws {
        let run = try await conformance(
            "--case", "one", "--case", "hole", program: ["/bin/sh", "-c", "echo no such module; exit 3"])
        #expect(run.code == 1)
        #expect(cases("FAIL", in: run.lines) == ["registers"])
        #expect(run.lines.contains("      | no such module"))
        #expect(run.lines.contains { $0.contains("that the program ended with code 3") })
        #expect(cases("--", in: run.lines) == ["one", "hole"])
        #expect(run.lines.last == "0 of 3 hold; not: registers; 2 not tried")
    }

    @Test("a publisher that only publishes fails by what it leaves out")
    func nakedPublisher() async throws {
        // Number 2 is absent, nothing is registered or recorded, and the key belongs to another lane.
        let script = """
            port=${OUTBOARD_REDIS_URL##*:}
            for id in 1 3; do
                redis-cli -p "$port" publish "$OUTBOARD_NAMESPACE:events:http.request:0" \
                    '{"specversion":"1.0","source":"/naked-0000000000000001/http.request/0","id":"'$id'",'\
            '"type":"http.request","time":"2026-11-26T10:00:00.000000Z","partitionkey":"a","data":{"status":200}}'
            done
            """
        let run = try await conformance("--publisher", program: ["/bin/sh", "-c", script])
        #expect(run.code == 1)
        #expect(cases("ok", in: run.lines) == ["ends", "message"], report(run.lines))
        let numbers = try #require(run.lines.first { $0.hasPrefix("FAIL  numbers") })
        #expect(numbers.contains("expected number 2 next; saw 3 (/naked-0000000000000001/http.request/0 number 3"))
    }

    @Test("writes JSON for a program, and lists its cases")
    func json() async throws {
        struct Report: Decodable {
            struct Case: Decodable {
                let name, outcome: String
                let expected, seen: String?
            }
            let holds: Bool
            let cases: [Case]
        }
        let run = try await conformance(
            "--json", "--case", "one", "--case", "duplicates", program: [Executables.product("NaivePlugin").path])
        #expect(run.code == 1)
        let report = try JSONDecoder().decode(Report.self, from: Data(run.lines.joined(separator: "\n").utf8))
        #expect(!report.holds)
        #expect(report.cases.map(\.name) == ["one", "duplicates"])
        #expect(report.cases.map(\.outcome) == ["ok", "failed"])
        #expect(report.cases.last?.seen?.contains("applied") == true)
        let list = try ChildProcess(
            Executables.product("outboard"), arguments: ["conformance", "--publisher", "--list"])
        #expect(try await list.waitForExit() == 0)
        #expect(list.lines.count == 13)
    }

    @Test("refuses what makes no sense with 64")
    func usage() async throws {
        let none = try await conformance(program: [])
        #expect(none.code == 64)
        #expect(none.lines == ["outboard: no program to try; say: outboard conformance -- PROGRAM ARGUMENTS…"])
        let absent = try await conformance(program: ["/nowhere/plugin"])
        #expect(absent.code == 64)
        #expect(absent.lines.first?.hasPrefix("outboard: /nowhere/plugin: there is no such program") == true)
        let stranger = try await conformance("--case", "nothing", program: ["/bin/true"])
        #expect(stranger.code == 64)
        #expect(stranger.lines.first?.hasPrefix("outboard: no case 'nothing'; there are: registers, lease") == true)
    }
}
