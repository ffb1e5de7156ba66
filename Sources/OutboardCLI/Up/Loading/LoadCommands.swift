import ArgumentParser
import Foundation
import Outboard
import OutboardRedis
import Processes

/// What `load`, `unload` and `scale` have in common: the `outboard up` that they talk to, and the bus on which they see it
/// done.
struct LoadOptions: ParsableArguments {
    @Option(help: "The data folder of the 'outboard up' that is meant.")
    var dataDir = ".outboard"

    @OptionGroup var bus: BusOptions

    @Option(help: "Seconds to wait until it is done.")
    var wait = 20

    @Flag(help: "Writes JSON.")
    var json = false

    private struct Answer: Encodable {
        let plugin: String
        /// That live.
        let replicas: Int
        let wanted: Int
    }

    /// Says what is wanted and waits until as many replicas live.
    ///
    /// - Parameter change: Writes on the board, and returns what is wanted then.
    func want(of name: String, _ change: (ServiceBoard) throws(ServiceBoard.Failure) -> WantedService) async throws {
        try await CommandFailure.explained {
            let plugin = try PluginName(name)
            let board = ServiceBoard(dataFolder: URL(filePath: dataDir))
            guard board.exists else {
                throw SettingsError([
                    "--data-dir \(dataDir): no 'outboard up' has run here; start one, or name the folder of its data"
                ])
            }
            let service: WantedService
            do { service = try change(board) } catch { throw SettingsError(["\(error)"]) }
            let count = try await waitForReplicas(service.replicas, of: plugin)
            if json {
                Output.write(
                    try JSONText.of(Answer(plugin: name, replicas: count, wanted: service.replicas), lines: .one))
                if count != service.replicas { throw ExitCode(1) }
                return
            }
            guard count == service.replicas else {
                throw CommandFailure.exit(
                    "\(name): \(count) of \(service.replicas) replicas live after \(wait) s; see the lines of 'outboard up'",
                    code: 1)
            }
            Output.write("\(name): \(count == 1 ? "1 replica lives" : "\(count) replicas live")\n")
        }
    }

    private func waitForReplicas(_ count: Int, of plugin: PluginName) async throws -> Int {
        let configuration = try bus.configuration()
        return try await BusOptions.withConnection(configuration) { connection in
            let reader = PluginReader(names: configuration.names, redis: connection)
            let deadline = ContinuousClock.now + .seconds(wait)
            while true {
                // Of a plugin that has never registered nothing is known.
                let types = try await reader.manifest(of: plugin)?.subscribes ?? []
                let live = try await reader.replicas(of: plugin, types: types).count(where: \.isLive)
                if live == count || ContinuousClock.now >= deadline { return live }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}

/// `outboard load`: a program joins a running bus.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Runs a plugin's program on the bus of a running 'outboard up'; nothing else is restarted.",
        discussion: """
            The program's file has the plugin's name. It runs until it is unloaded or 'outboard up' ends.

            Examples:
              outboard load ./hello/.build/debug/hello
              outboard load request-counter --replicas 2

            Exit codes: 0 its replicas live, 1 they do not yet, 64 bad usage, 69 Redis cannot be asked.
            """)

    @Argument(help: "The path of a program, or the name of one that lies beside 'outboard'.")
    var program: String

    @Option(help: "How many replicas.")
    var replicas = 1

    @OptionGroup var options: LoadOptions

    func validate() throws {
        guard WantedService.counts.contains(replicas), replicas > 0 else {
            throw ValidationError("--replicas \(replicas): needs a number from 1 to 99")
        }
        guard !program.contains("/") || ExecutableSearch.isExecutable(program) else {
            throw ValidationError("\(program): no program is there that may be run")
        }
    }

    @concurrent func run() async throws {
        let file = URL(filePath: program)
        let service = WantedService(program: program.contains("/") ? file.path : nil, replicas: replicas)
        let name = file.lastPathComponent
        try await options.want(of: name) { board throws(ServiceBoard.Failure) in
            try board.want(service, of: name)
            return service
        }
    }
}

/// `outboard unload`: a plugin leaves a running bus.
struct UnloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unload",
        abstract: "Ends all replicas of a service of a running 'outboard up'; nothing else is restarted.",
        discussion: """
            Its counters and books stay; 'outboard scale NAME=1' lets it go on. What passes meanwhile is booked as missed, \
            unless it is disabled first.

            Example:
              outboard unload request-counter

            Exit codes: 0 no replica lives, 1 some still do, 64 bad usage, 69 Redis cannot be asked.
            """)

    @Argument(help: "The service's name.")
    var name: String

    @OptionGroup var options: LoadOptions

    @concurrent func run() async throws {
        try await options.want(of: name) { board throws(ServiceBoard.Failure) in try board.scale(name, to: 0) }
    }
}

/// `outboard scale`: more or fewer replicas of a service of a running bus.
struct ScaleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Changes how many replicas of a service a running 'outboard up' has.",
        discussion: """
            Example:
              outboard scale request-counter=3

            Exit codes: 0 as many live, 1 not yet, 64 bad usage, 69 Redis cannot be asked.
            """)

    @Argument(help: "The service and its number of replicas, NAME=N.")
    var scale: Scale

    @OptionGroup var options: LoadOptions

    @concurrent func run() async throws {
        try await options.want(of: scale.name) { board throws(ServiceBoard.Failure) in
            try board.scale(scale.name, to: scale.count)
        }
    }
}
