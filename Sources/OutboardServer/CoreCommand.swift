import Outboard
import OutboardRedis

/// What a command line of the core asks for.
enum CoreCommand: Equatable {
    case serve
    case health
    case help
    case version

    /// Notes every argument that means nothing here.
    ///
    /// - Parameter arguments: Without the executable's name.
    init(_ arguments: [String], _ problems: inout SettingsProblems) {
        if arguments.contains("--help") || arguments.contains("-h") {
            self = .help
            return
        }
        if arguments.contains("--version") {
            self = .version
            return
        }
        self = .serve
        var flags = arguments[...]
        if let word = flags.first, !word.hasPrefix("-") {
            flags.removeFirst()
            if word == "health" {
                self = .health
            } else {
                problems.add("command '\(word)': is unknown; leave it out to serve, or use health")
            }
        }
        CommandLineFlags(keys: Setting.all.map(\.key)).check(flags, &problems)
    }

    static var helpText: String {
        let settings = Setting.all.map { setting in
            let name = "  \(setting.flag), \(setting.variable)"
            let standard = setting.standard.isEmpty ? "" : " (\(setting.standard))"
            return "\(name)\n      \(setting.meaning)\(standard)\n"
        }
        return """
            outboard-core \(CoreProcess.version): serves HTTP and publishes one event for each request to Redis.

            outboard-core            run until SIGTERM or SIGINT
            outboard-core health     exit 0 if the core on this machine is ready, else 1
            outboard-core --version  print the version

            Settings: flag, then environment, then the JSON file that OUTBOARD_CONFIG_FILE names.

            \(settings.joined())
            """
    }
}
