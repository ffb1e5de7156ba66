import Outboard

/// What a command line of the core asks for.
enum CoreCommand: Equatable {
    case serve
    case health
    case help
    case version

    /// - Parameter arguments: Without the executable's name.
    /// - Throws: `SettingsError` that names every argument that means nothing here.
    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        var command = CoreCommand.serve
        if let word = rest.first, !word.hasPrefix("-") {
            guard word == "health" else {
                throw SettingsError(["command '\(word)': is unknown; leave it out to serve, or use health"])
            }
            command = .health
            rest.removeFirst()
        }
        if rest.contains("--help") || rest.contains("-h") {
            self = .help
            return
        }
        if rest.contains("--version") {
            self = .version
            return
        }
        try Self.check(rest)
        self = command
    }

    /// A misspelt flag would else go unnoticed.
    private static func check(_ flags: ArraySlice<String>) throws {
        var problems = SettingsProblems()
        let known = Set(Setting.all.map(\.flag))
        var flags = flags
        while let argument = flags.popFirst() {
            let name = String(argument.prefix { $0 != "=" })
            guard known.contains(name) else {
                problems.add("argument '\(argument)': is unknown; see --help")
                // What follows was meant as its value.
                if let value = flags.first, !value.hasPrefix("--") { flags.removeFirst() }
                continue
            }
            guard !argument.contains("=") else { continue }
            guard let value = flags.first, !value.hasPrefix("--") else {
                problems.add("\(name): needs a value, as in \(name)=…")
                continue
            }
            flags.removeFirst()
        }
        try problems.check()
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
