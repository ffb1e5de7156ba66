import ArgumentParser
import Foundation
import Outboard
import OutboardRedis
import Processes

/// `outboard up`: the whole bus on one machine, as child processes.
struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts Redis, the core and every service here, until Ctrl-C.",
        discussion: """
            Redis is a redis-server of its own on 127.0.0.1 with its data in .outboard/redis, unless
            OUTBOARD_REDIS_URL names one. The other programs lie beside this one; every folder in Services/ is a
            service (RequestCounter is the program request-counter). What crashes is started again. A service
            whose folder and program appear later is loaded; see also 'outboard load', 'unload' and 'scale'.

            Exit codes: 0 stopped on request, 64 bad usage or configuration, 69 Redis not reachable, 70 a bug.
            """)

    @Option(help: "How many replicas of a service, as request-counter=3; may be given for several.")
    var scale: [Scale] = []

    @Option(help: "The folder whose subfolders are the services.")
    var servicesDir = "Services"

    @Option(name: .customLong("service"), help: "A service by its program's name, where there is no such folder.")
    var services: [String] = []

    @Option(help: "The folder of the programs (default: that of this one)")
    var programsDir: String?

    @Option(help: "The port of its own Redis.")
    var redisPort = 6390

    @Option(help: "The folder of its own data.")
    var dataDir = ".outboard"

    @concurrent func run() async throws {
        let console = Console()
        do {
            try await start(console)
        } catch let failure as UpFailure {
            console.fail(failure.description)
            throw ExitCode(failure.exitCode)
        }
    }

    private func start(_ console: Console) async throws {
        let (plan, configuration) = try checked()
        let folder = try DataFolder(URL(filePath: dataDir))
        try await Bus(
            plan: plan, configuration: configuration, folder: folder, console: console,
            servicesFolder: services.isEmpty ? servicesDir : nil
        ).run()
    }

    /// Checks everything that can be known before something starts.
    ///
    /// - Throws: `UpFailure` that names every problem.
    private func checked() throws -> (UpPlan, BusConfiguration) {
        let environment = ProcessInfo.processInfo.environment
        var problems = SettingsProblems()
        let configuration = try problems.collect { try BusConfiguration() }
        if !(1...65_535).contains(redisPort) {
            problems.add("--redis-port \(redisPort): needs a port from 1 to 65535")
        }
        let names = services.isEmpty ? ServiceFolders.names(in: servicesDir) : services
        let replicas = Scale.replicas(of: names, scaled: scale, &problems)
        let plan = UpPlan(
            replicas: replicas, unloaded: Set(names).subtracting(replicas.map(\.service)), redisPort: redisPort,
            redisURL: environment["OUTBOARD_REDIS_URL"], httpPort: environment["OUTBOARD_HTTP_PORT"] ?? "8080",
            programs: programsDir.map { URL(filePath: $0) } ?? Self.ownFolder, data: URL(filePath: dataDir),
            names: configuration?.names ?? RedisNames())
        plan.checkPrograms(&problems)
        guard let configuration, problems.found.isEmpty else {
            throw UpFailure(.usage, SettingsError(problems.found).description)
        }
        return (plan, configuration)
    }

    /// The folder of this executable.
    private static var ownFolder: URL {
        (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).resolvingSymlinksInPath()
            .deletingLastPathComponent()
    }
}
