import ArgumentParser
import OutboardTesting

/// `make bench`: measures Outboard against doing it by hand, and prints ratios.
///
/// Rates and times mean little on a machine that others use, too; ratios of CPU time in one run, contenders taking turns,
/// mean a lot. Every contender runs in a process of its own, which measures itself, so that no contender pays for the
/// load that another process makes. Suites make `Outcome`s, `Goals` judges them, `Report` prints and keeps them.
@main
struct OutboardBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "OutboardBench",
        abstract:
            "Measures Outboard against C loops on hiredis, redis-benchmark, Foundation and itself without events.",
        subcommands: [Measure.self, ChartCommand.self, RoleCommand.self],
        defaultSubcommand: Measure.self)
}

/// Runs suites and reports.
struct Measure: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure", abstract: "Measures; writes the table to standard output and JSON to a folder.")

    @Option(help: "How often each contender has its turn; the table shows medians.")
    var rounds = 7

    @Option(help: "Only these suites; may be given for several (default: all but growth, five minutes a round).")
    var suite: [SuiteName] = []

    @Option(help: "Events of each turn, in percent of the usual number.")
    var percent = 100

    @Option(help: "The folder for the JSON.")
    var results = "bench-results"

    func validate() throws {
        guard rounds >= 1 else { throw ValidationError("--rounds \(rounds): needs 1 or more") }
        guard (1...1_000).contains(percent) else {
            throw ValidationError("--percent \(percent): needs a number from 1 to 1000")
        }
    }

    @concurrent func run() async throws {
        let bench = try await Bench.start(rounds: rounds, percent: percent)
        var report = Report(rounds: rounds, redis: try await bench.redisVersion())
        do {
            for name in suite.isEmpty ? SuiteName.usual : suite {
                let section = try await name.measure(bench)
                report.sections.append(section)
                print(TextTable.text(of: section))
            }
        } catch {
            // What was measured until then may have taken long.
            if !report.sections.isEmpty { print("written: \(try report.write(to: results))") }
            try bench.redis.stop()
            throw error
        }
        try bench.redis.stop()
        report.goals = Goals.judge(report.sections)
        print(TextTable.text(of: report.goals))
        print("written: \(try report.write(to: results))")
    }
}

/// What can be measured.
enum SuiteName: String, CaseIterable, ExpressibleByArgument {
    case publish, receive, sharing, json, http, plugin, growth

    static let usual: [SuiteName] = [.publish, .receive, .sharing, .json, .http, .plugin]

    func measure(_ bench: Bench) async throws -> Section {
        switch self {
        case .publish: try await PublishSuite(bench: bench).measure()
        case .receive: try await ReceiveSuite(bench: bench).measure()
        case .sharing: try await SharingSuite(bench: bench).measure()
        case .json: try await JSONSuite(bench: bench).measure()
        case .http: try await HTTPSuite(bench: bench).measure()
        case .plugin: try await PluginSuite(bench: bench).measure()
        case .growth: try await GrowthSuite(bench: bench).measure()
        }
    }
}
