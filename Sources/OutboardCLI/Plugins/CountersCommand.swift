import ArgumentParser
import Outboard
import OutboardRedis

/// `outboard counters`: what a plugin has written.
struct CountersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counters",
        abstract: "Shows what a plugin has counted: counters, series, histograms, ranks and the rest.",
        discussion: """
            Quantiles come from buckets that are at most 12.5 % wide; unique counts are right to within a percent.

            Examples:
              outboard counters request-counter
              outboard counters request-counter status
              outboard counters request-counter route --top 50
              outboard counters request-counter --json | jq '.families.status'

            Exit codes: 0, 1 nothing of that name, 64 bad usage or no such plugin, 69 Redis cannot be asked.
            """)

    @Argument(help: "The plugin's name, as 'outboard plugins' lists it.")
    var plugin: String

    @Argument(help: "Only what has this name (default: everything).")
    var name: String?

    @Option(help: "Fields of a family, members of a rank, buckets of a series that are shown.")
    var top = 10

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON, families as a whole.")
    var json = false

    func validate() throws {
        guard (1...100_000).contains(top) else {
            throw ValidationError("--top \(top): needs a number from 1 to 100000")
        }
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let plugin = try PluginName(plugin)
            let all = try await BusOptions.withConnection(configuration) { connection in
                try await BookReader(names: configuration.names, redis: connection).requireRegistered(plugin)
                return try await PluginReader(names: configuration.names, redis: connection).counters(
                    of: plugin, limits: .init(buckets: max(top, 60), ranked: max(top, 100)))
            }
            let found = CountersReport(all ?? PluginCounters(plugin: plugin.rawValue), name: name, top: top)
            if let name, found.isEmpty {
                throw CommandFailure.exit(
                    "plugin \(plugin) has written nothing of the name '\(name)'; there are: \(found.names)", code: 1)
            }
            if json {
                Output.write(try JSONText.of(found.counters))
            } else {
                Output.write(lines: found.lines)
            }
        }
    }
}
