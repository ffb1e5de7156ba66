import ArgumentParser
import Outboard
import OutboardRedis

/// `outboard inspect`: one plugin with all its replicas.
struct InspectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows one plugin: manifest, configuration, every replica, its books in sum.",
        discussion: """
            Examples:
              outboard inspect request-counter
              outboard inspect request-counter --json | jq '.replicas[].lag_ms'

            Exit codes: 0, 64 bad usage or no such plugin, 69 Redis cannot be asked.
            """)

    @Argument(help: "The plugin's name, as 'outboard plugins' lists it.")
    var plugin: String

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let plugin = try PluginName(plugin)
            let detail = try await BusOptions.withConnection(configuration) { connection in
                try await BookReader(names: configuration.names, redis: connection).requireRegistered(plugin)
                return try await PluginReader(names: configuration.names, redis: connection).detail(of: plugin)
            }
            if json {
                Output.write(try JSONText.of(detail))
            } else {
                Output.write(lines: InspectReport(detail).lines)
            }
        }
    }
}

extension BookReader {
    /// - Throws: `UnknownPlugin` unless a plugin of this name ever registered.
    func requireRegistered(_ plugin: PluginName) async throws {
        let registered = try await plugins()
        guard registered.contains(plugin) else { throw UnknownPlugin(name: plugin, known: registered) }
    }
}
