import ArgumentParser
import Outboard
import OutboardRedis

/// What `enable` and `disable` have in common.
struct StateOptions: ParsableArguments {
    @Argument(help: "The plugin's name, as 'outboard plugins' lists it.")
    var plugin: String

    @OptionGroup var bus: BusOptions

    @Option(help: "Why, for people who wonder later.")
    var reason = ""

    @Option(help: "Seconds to wait until the replicas follow.")
    var wait = 10

    @Flag(help: "Writes JSON.")
    var json = false

    /// Sets the state, waits for the replicas and tells what became of it.
    func set(_ state: PluginControl.State, consequence: String) async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let plugin = try PluginName(plugin)
            let change = try await BusOptions.withConnection(configuration) { connection in
                let names = configuration.names
                try await BookReader(names: names, redis: connection).requireRegistered(plugin)
                let revision = try await PluginOperator(names: names, redis: connection)
                    .set(state, of: plugin, reason: reason)
                return try await FollowedChange.wait(
                    for: revision, state: state, of: plugin, seconds: wait,
                    reader: PluginReader(names: names, redis: connection))
            }
            if json {
                Output.write(try JSONText.of(change))
            } else {
                Output.write(lines: change.lines("\(state)") + [consequence])
            }
            if !change.waiting.isEmpty { throw ExitCode(1) }
        }
    }
}

/// `outboard enable`: a plugin counts again.
struct EnableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Lets a disabled plugin count again.",
        discussion: """
            What passed while it was disabled is booked as skipped, to the event.

            Example:
              outboard enable request-counter

            Exit codes: 0 every live replica follows, 1 not all do, 64 bad usage or no such plugin, 69 Redis cannot be \
            asked.
            """)

    @OptionGroup var options: StateOptions

    @concurrent func run() async throws {
        try await options.set(.enabled, consequence: "what passed meanwhile is booked as skipped")
    }
}

/// `outboard disable`: a plugin counts nothing until it is enabled.
struct DisableCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Lets a plugin count nothing until it is enabled; its replicas stay.",
        discussion: """
            Replicas flush what they have and hear no more events. Nothing else on the bus notices. The state outlives \
            restarts.

            Example:
              outboard disable request-counter --reason "double counting in release 2.1"

            Exit codes: 0 every live replica follows, 1 not all do, 64 bad usage or no such plugin, 69 Redis cannot be \
            asked.
            """)

    @OptionGroup var options: StateOptions

    @concurrent func run() async throws {
        let command = "outboard enable \(options.plugin)"
        try await options.set(.disabled, consequence: "it counts again after: \(command)")
    }
}
