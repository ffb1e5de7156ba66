import ArgumentParser
import OutboardRedis

/// `outboard plugins`: who is on this bus.
struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Lists all plugins: state, replicas, what they have handled and missed.",
        discussion: """
            State: enabled, disabled (by the operator), stopped (no live replica), failed (a replica says that it \
            cannot go on, or its processes crash again and again; 'outboard inspect' shows why). Lag is that of the slowest live replica. With --rate it looks \
            twice, a second apart, and tells how many events a second each plugin has handled meanwhile.

            Examples:
              outboard plugins
              outboard plugins --rate
              outboard plugins --json | jq -r '.plugins[] | select(.state != "enabled") | .name'

            Exit codes: 0, 64 bad usage, 69 Redis cannot be asked.
            """)

    @Flag(help: "Shows events handled a second, which takes a second to measure.")
    var rate = false

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    /// Between the two looks of `--rate`.
    private static let sample = Duration.seconds(1)

    private struct Answer: Encodable {
        let plugins: [Plugin]

        /// A plugin's members, and its rate beside them where one was asked for and can be known.
        struct Plugin: Encodable {
            let summary: PluginSummary
            let rate: Int64?

            private enum CodingKeys: String, CodingKey {
                case rate
            }

            func encode(to encoder: any Encoder) throws {
                try summary.encode(to: encoder)
                var members = encoder.container(keyedBy: CodingKeys.self)
                try members.encodeIfPresent(rate, forKey: .rate)
            }
        }
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let (plugins, rates) = try await BusOptions.withConnection(configuration) { connection in
                let look = try await RatedPlugins.Look.read(configuration.names, on: connection)
                guard rate else { return (look.plugins, [String: Int64]?.none) }
                try await Task.sleep(for: Self.sample)
                let rated = RatedPlugins(
                    from: look, to: try await RatedPlugins.Look.read(configuration.names, on: connection))
                return (rated.plugins, rated.rates)
            }
            if json {
                let answer = Answer(plugins: plugins.map { .init(summary: $0, rate: rates?[$0.name]) })
                Output.write(try JSONText.of(answer))
            } else {
                Output.write(lines: PluginsReport(plugins, rates: rates).lines)
            }
        }
    }
}
