import Configuration
import Logging
import NIOCore
import NIOPosix
public import Outboard
import OutboardRedis
import RedisClient
import ServiceLifecycle
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Plugin {
    /// Runs the plugin as a process: the entry point of a type that is marked `@main`.
    ///
    /// `<name>` works until SIGTERM or SIGINT, then drains within 8 s. `<name> health` tells by its exit code whether a
    /// replica of this plugin on this host hears its events. Exit codes: 0 stopped on request, 64 bad usage or settings,
    /// 69 Redis not reachable within `OUTBOARD_START_TIMEOUT` seconds (30), 70 a bug.
    @concurrent public static func main() async {
        exit(await PluginProcess<Self>.run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}

/// Exit codes, those of BSD's `sysexits.h` where there is one.
enum ExitCode: Int32 {
    case stopped = 0
    case unhealthy = 1
    case usage = 64
    case unavailable = 69
    case software = 70
}

/// One plugin as one process.
enum PluginProcess<P: Plugin> {
    static func run(_ arguments: [String]) async -> ExitCode {
        switch arguments.first {
        case "--help", "-h", "help":
            write(help, to: STDOUT_FILENO)
            return .stopped
        case "--version":
            write("\(P.manifest.name) \(P.manifest.version)\n", to: STDOUT_FILENO)
            return .stopped
        case "health": return await HealthCheck<P>.run(Array(arguments.dropFirst()))
        case .some(let word) where !word.hasPrefix("--"):
            write("\(P.manifest.name): unknown command '\(word)'; try --help\n", to: STDERR_FILENO)
            return .usage
        default: return await serve(arguments)
        }
    }

    private static func serve(_ flags: [String]) async -> ExitCode {
        let settings: ServiceSettings
        let name: PluginName
        do {
            name = try P.manifest.validatedName()
            settings = try ServiceSettings(for: P.self, arguments: flags)
        } catch {
            write("\(P.manifest.name): \(error)\n", to: STDERR_FILENO)
            return .usage
        }
        ProcessLog.bootstrap(level: settings.logLevel, label: name.rawValue)
        let logger = Logger(label: name.rawValue)
        do {
            try await work(name, settings, logger)
            logger.info("stopped")
            return .stopped
        } catch let error as SettingsError {
            write("\(P.manifest.name): \(error)\n", to: STDERR_FILENO)
            return .usage
        } catch let error as StartTimeout {
            logger.critical("\(error)")
            return .unavailable
        } catch {
            logger.critical("ended by a bug", metadata: ["error": "\(error)"])
            return .software
        }
    }

    private static func work(_ name: PluginName, _ settings: ServiceSettings, _ logger: Logger) async throws {
        let proof = await StartProof(name, settings.bus)
        var plugin = P()
        try plugin.configure(try settings.configuration(of: P.self))
        do {
            try await plugin.start()
        } catch {
            await StartFailure.show(error, of: P.self, name, settings.bus)
            throw error
        }
        let (ready, announce) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let replica = try await Replica(
            plugin: plugin, name: name, settings: settings.bus.replica,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: logger,
            onReady: {
                announce.yield()
                announce.finish()
            })
        let service = ReplicaService(
            replica: replica, ready: ready, startTimeout: settings.startTimeout, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: proof, successTerminationBehavior: .ignore),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        do {
            try await group.run()
        } catch {
            await plugin.stop()
            throw error
        }
        await plugin.stop()
        await proof.end()
    }

    private static var help: String {
        """
        \(P.manifest.name) \(P.manifest.version): \(P.manifest.summary)

        \(P.manifest.name)            run until SIGTERM or SIGINT
        \(P.manifest.name) health     exit 0 if a replica on this host hears its events, else 1
        \(P.manifest.name) --version  print the version

        Settings (flag, then environment, then the JSON file that OUTBOARD_CONFIG_FILE names):
          --redis-url, OUTBOARD_REDIS_URL           redis://127.0.0.1:6379, or rediss://, redis+unix:///path
          --redis-password-file, …                  file that holds the password
          --redis-ca-file, …-cert-file, …-key-file  for rediss://: whom to trust, who we are (PEM)
          --namespace, OUTBOARD_NAMESPACE           outboard
          --lanes, OUTBOARD_LANES                   256, equal in all processes
          --holders, OUTBOARD_HOLDERS               2 replicas hear each lane
          --handler-budget, OUTBOARD_HANDLER_BUDGET 10 milliseconds for an event before it is called slow
          --failure-limit, OUTBOARD_FAILURE_LIMIT   50 percent of the events may fail; then the plugin is disabled (0: any)
          --max-fields, OUTBOARD_MAX_FIELDS         10000 fields of a family
          --start-timeout, OUTBOARD_START_TIMEOUT   30 seconds to wait for Redis when starting
          --log-level, OUTBOARD_LOG_LEVEL           info
          --plugin-config, OUTBOARD_PLUGIN_CONFIG   JSON object of settings that differ from the plugin's defaults

        """
    }

    static func write(_ text: String, to file: Int32) {
        var text = text
        text.withUTF8 { bytes in
            // A closed terminal cannot be told anything.
            _ = unsafe_write(file, bytes.baseAddress, bytes.count)
        }
    }

    private static func unsafe_write(_ file: Int32, _ start: UnsafePointer<UInt8>?, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(file, start, count)
        #elseif canImport(Musl)
            Musl.write(file, start, count)
        #else
            Darwin.write(file, start, count)
        #endif
    }
}
