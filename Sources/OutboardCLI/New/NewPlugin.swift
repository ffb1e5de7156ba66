import Outboard

/// The names of a plugin that does not exist yet: its own, as in `top-paths`, and that of its Swift type, as in `TopPaths`.
struct NewPlugin: Equatable {
    /// The plugin's name, which is that of its program, too.
    let name: String
    /// The name of its Swift type, module and folder.
    let type: String

    /// - Throws: `SettingsError` that says what is wrong with the name.
    init(_ name: String) throws {
        _ = try PluginName(name)
        let words = name.split(separator: "-", omittingEmptySubsequences: false)
        // Each word begins with a letter, so that the type's name leads back to the plugin's.
        guard words.allSatisfy({ $0.first?.isLetter == true }) else {
            throw SettingsError([
                "plugin name '\(name)': each word between hyphens begins with a letter, for example request-counter"
            ])
        }
        let type = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
        if Self.programs.contains(name) {
            throw SettingsError(["plugin name '\(name)': a part of Outboard is called so; take another"])
        }
        if Self.taken.contains(type) {
            throw SettingsError([
                "plugin name '\(name)': a Swift type or module that it needs is called \(type); take a longer name, "
                    + "for example \(name)-counter"
            ])
        }
        self.name = name
        self.type = type
    }

    /// Programs and containers beside which the plugin would run.
    private static let programs: Set<String> = ["core", "edge", "outboard", "outboard-core", "redis"]

    /// Names that a plugin's file uses or that modules of its package graph have.
    private static let taken: Set<String> = [
        // Swift
        "Any", "Array", "Bool", "Dictionary", "Error", "Foundation", "Int", "Never", "Observation", "Optional",
        "Protocol", "Result", "Self", "Set", "String", "Swift", "Synchronization", "Testing", "Type", "Void",
        // Outboard
        "Configuration", "Effects", "Event", "Histogram", "Manifest", "Outboard", "OutboardCLI", "OutboardHTTP",
        "OutboardRedis", "OutboardServer", "OutboardService", "OutboardTesting", "Plugin", "Processes", "Timestamp",
        // Packages beneath
        "Algorithms", "Atomics", "Collections", "Crypto", "Hummingbird", "Instrumentation", "Logging", "Metrics",
        "Numerics", "Tracing",
    ]
}
