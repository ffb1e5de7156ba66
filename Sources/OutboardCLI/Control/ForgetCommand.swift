import ArgumentParser
import Foundation
import Outboard
import OutboardRedis
import RedisClient

/// `outboard forget`: deletes everything of a plugin that is gone.
struct ForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Deletes a plugin that is gone: its counters, its books, its name.",
        discussion: """
            Asks first. A plugin with a live replica is not forgotten; stop it first.

            Examples:
              outboard forget old-counter
              outboard forget old-counter --yes

            Exit codes: 0 forgotten, 1 not (it lives, or the answer was no), 64 bad usage or no such plugin, 69 Redis \
            cannot be asked.
            """)

    @Argument(help: "The plugin's name, as 'outboard plugins' lists it.")
    var plugin: String

    @OptionGroup var bus: BusOptions

    @Flag(help: "Does not ask.")
    var yes = false

    @Flag(help: "Writes JSON.")
    var json = false

    private struct Answer: Encodable {
        let plugin: String
        /// That were deleted.
        let keys: Int
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let plugin = try PluginName(plugin)
            try await BusOptions.withConnection(configuration) { connection in
                try await BookReader(names: configuration.names, redis: connection).requireRegistered(plugin)
                let detail = try await PluginReader(names: configuration.names, redis: connection).detail(of: plugin)
                let count = detail.plugin.replicas
                guard count == 0 else {
                    let some = count == 1 ? "1 live replica; stop it first" : "\(count) live replicas; stop them first"
                    throw CommandFailure.exit("\(plugin) has \(some)", code: 1)
                }
                guard yes || Self.agrees("Delete all counters and books of \(plugin) (\(detail.books.handled) events)?")
                else { throw CommandFailure.exit("nothing was deleted", code: 1) }
                let keys: Int
                do {
                    keys = try await PluginOperator(names: configuration.names, redis: connection).forget(plugin)
                } catch is PluginChangeRefusal {
                    throw CommandFailure.exit("\(plugin) has started meanwhile; nothing was deleted", code: 1)
                }
                Output.write(
                    json
                        ? try JSONText.of(Answer(plugin: plugin.rawValue, keys: keys), lines: .one)
                        : "\(plugin) is forgotten: \(keys) keys deleted\n")
            }
        }
    }

    private static func agrees(_ question: String) -> Bool {
        Output.write("\(question) [y/N] ")
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }
}
