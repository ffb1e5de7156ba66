import ArgumentParser
import Foundation
import OutboardTesting

/// `outboard conformance`: whether a program in any language keeps the protocol.
struct ConformanceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conformance",
        abstract: "Tries a plugin or publisher in any language on the protocol.",
        usage: "outboard conformance [--publisher] [--json] [--case NAME …] -- PROGRAM ARGUMENTS …",
        discussion: """
            Each case runs the program on a Redis of its own, of which OUTBOARD_REDIS_URL and OUTBOARD_NAMESPACE tell it, \
            and says on one line whether it holds, else what was expected and seen.

            A plugin hears http.request, and for each event does increment("requests") and increment("status", field: \
            status); what else it counts does not matter. A publisher (--publisher) publishes as many http.request \
            events as OUTBOARD_EVENTS says, then exits with 0.

            docs/other-languages.md shows how to write one, docs/protocol.md is what is tried.

            Exit codes: 0 all that was tried holds, 1 something does not, 64 bad usage.
            """)

    @Flag(help: "The program is a publisher.")
    var publisher = false

    @Flag(help: "Writes JSON.")
    var json = false

    @Option(name: .customLong("case"), help: ArgumentHelp("Only this case; may be repeated.", valueName: "name"))
    var only: [String] = []

    @Flag(help: "Lists the cases and what each proves.")
    var list = false

    @Argument(parsing: .postTerminator, help: "The program and its arguments, behind --")
    var command: [String] = []

    @concurrent func run() async throws {
        do {
            if list { return write(listing) }
            let program = try ConformanceProgram(command)
            guard ThrowawayRedis.isAvailable else {
                throw UpFailure(
                    .usage, "redis-server is not in PATH; install it (Debian and Ubuntu: apt-get install redis-server)")
            }
            guard let report = try await untilStopped(program) else {
                throw fail("stopped before the end; nothing can be said", code: 1)
            }
            write(json ? try report.json() : report.summary)
            if !report.holds { throw ExitCode(1) }
        } catch let failure as UpFailure {
            throw fail("\(failure)", code: failure.exitCode)
        } catch let code as ExitCode {
            throw code
        } catch {
            throw fail("the cases could not be run: \(error)", code: UpFailure.Kind.bug.rawValue)
        }
    }

    /// - Returns: nil if a signal came first.
    private func untilStopped(_ program: ConformanceProgram) async throws -> ConformanceReport? {
        let stop = StopSignals()
        let (plugins, publishers) = publisher ? ([], try chosen(PublisherCases.all)) : (try chosen(PluginCases.all), [])
        let width = (plugins.map(\.name) + publishers.map(\.name)).map(\.count).max() ?? 0
        let tell: @Sendable (ConformanceResult) -> Void = { result in
            if !json { write(ConformanceReport.line(result, width: width)) }
        }
        return try await withThrowingTaskGroup(of: ConformanceReport?.self) { group in
            group.addTask {
                publishers.isEmpty
                    ? try await ConformanceRun.plugin(program, plugins, tell: tell)
                    : try await ConformanceRun.publisher(program, publishers, tell: tell)
            }
            group.addTask {
                await stop.first()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func chosen<Subject>(_ all: [ConformanceCase<Subject>]) throws -> [ConformanceCase<Subject>] {
        if let stranger = only.first(where: { name in !all.contains { $0.name == name } }) {
            throw UpFailure(
                .usage, "no case '\(stranger)'; there are: \(all.map(\.name).joined(separator: ", "))")
        }
        return only.isEmpty ? all : all.filter { only.contains($0.name) }
    }

    private var listing: String {
        let cases =
            publisher
            ? PublisherCases.all.map { ($0.name, $0.proves) } : PluginCases.all.map { ($0.name, $0.proves) }
        let width = cases.map(\.0.count).max() ?? 0
        return cases.map { name, proves in
            name + String(repeating: " ", count: width - name.count) + "  \(proves)\n"
        }.joined()
    }

    private func write(_ text: String) {
        // A closed terminal cannot be told anything.
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    private func fail(_ text: String, code: Int32) -> ExitCode {
        Console().fail(Printable.text(text))
        return ExitCode(code)
    }
}
