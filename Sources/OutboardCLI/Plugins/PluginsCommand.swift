import ArgumentParser
import OutboardRedis

/// `outboard plugins`: who is on this bus.
struct PluginsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugins",
        abstract: "Lists all plugins: state, replicas, what they have handled and missed.",
        discussion: """
            State: enabled, disabled (by the operator), stopped (no live replica), failed (a replica says that it \
            cannot go on; 'outboard inspect' shows why). Lag is that of the slowest live replica.

            Examples:
              outboard plugins
              outboard plugins --json | jq -r '.plugins[] | select(.state != "enabled") | .name'

            Exit codes: 0, 64 bad usage, 69 Redis cannot be asked.
            """)

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    private struct Answer: Encodable {
        let plugins: [PluginSummary]
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let plugins = try await BusOptions.withConnection(configuration) { connection in
                try await PluginReader(names: configuration.names, redis: connection).plugins()
            }
            if json {
                Output.write(try JSONText.of(Answer(plugins: plugins)))
            } else {
                Output.write(lines: PluginsReport(plugins).lines)
            }
        }
    }
}
