import Logging
import Outboard
import OutboardHTTP
import OutboardRedis

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `outboard-core`, the server.
@main
enum OutboardCore {
    static func main() async {
        exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func run(_ arguments: [String]) async -> ExitCode {
        var problems = SettingsProblems()
        let command = CoreCommand(arguments, &problems)
        let settings: CoreSettings
        do {
            switch command {
            case .help:
                write(CoreCommand.helpText, to: STDOUT_FILENO)
                return .stopped
            case .version:
                write("outboard-core \(CoreProcess.version)\n", to: STDOUT_FILENO)
                return .stopped
            case .serve, .health: settings = try CoreSettings(reader: ProcessSettings.reader(&problems), problems)
            }
        } catch {
            write("outboard-core: \(error)\n", to: STDERR_FILENO)
            return .usage
        }
        return command == .health ? await health(settings) : await serve(settings)
    }

    private static func health(_ settings: CoreSettings) async -> ExitCode {
        let (isReady, finding) = await HealthProbe.isReady(host: settings.admin.host, port: settings.admin.port)
        write(finding, to: isReady ? STDOUT_FILENO : STDERR_FILENO)
        return isReady ? .stopped : .unhealthy
    }

    private static func serve(_ settings: CoreSettings) async -> ExitCode {
        // A log or client that has gone is an error of one write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        let openFiles = OpenFiles.raiseLimit()
        ProcessLog.bootstrap(level: settings.logLevel, label: "outboard-core")
        let logger = Logger(label: "outboard-core")
        do {
            try await CoreProcess(settings: settings, openFiles: openFiles, logger: logger).run()
            logger.info("stopped")
            return .stopped
        } catch let error as SettingsError {
            write("outboard-core: \(error)\n", to: STDERR_FILENO)
            return .usage
        } catch let error as PortUnavailable {
            write("outboard-core: \(error)\n", to: STDERR_FILENO)
            return .usage
        } catch {
            logger.critical("ended by a bug", metadata: ["error": "\(error)"])
            return .software
        }
    }

    private static func write(_ text: String, to file: Int32) {
        var text = text
        text.withUTF8 { bytes in
            #if canImport(Glibc)
                // A closed terminal cannot be told anything.
                _ = Glibc.write(file, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
                _ = Musl.write(file, bytes.baseAddress, bytes.count)
            #else
                _ = Darwin.write(file, bytes.baseAddress, bytes.count)
            #endif
        }
    }
}
