/// What a plugin says of itself when it registers.
public struct Manifest: Sendable, Hashable, Codable {
    /// The newest protocol version that this code speaks (docs/protocol.md).
    public static let protocolVersion = 1

    /// `[a-z][a-z0-9-]{0,47}`; the same for all replicas and versions.
    public let name: String
    /// Semantic version of the plugin, for example `1.0.0` (semver.org).
    public let version: String
    /// Major version of the protocol.
    public let `protocol`: Int
    /// One sentence for people who look at a list of plugins.
    public let summary: String
    /// The effects that the plugin says it has, for people and programs that look for them.
    public let effects: [EffectDeclaration]

    /// Describes a plugin; a wrong name or version is reported when the plugin starts.
    ///
    /// - Parameters:
    ///   - name: `[a-z][a-z0-9-]{0,47}`, for example `request-counter`.
    ///   - version: Semantic version, for example `1.0.0`.
    ///   - summary: One sentence.
    ///   - effects: What the plugin writes, for example `[.counter("requests"), .family("status")]`.
    public init(name: String, version: String, summary: String, effects: [EffectDeclaration] = []) {
        self.name = name
        self.version = version
        self.protocol = Self.protocolVersion
        self.summary = summary
        self.effects = effects
    }

    /// The plugin's name, checked.
    ///
    /// - Throws: `SettingsError` that names every problem of this manifest.
    public func validatedName() throws -> PluginName {
        var problems = SettingsProblems()
        let name = try problems.collect { try PluginName(self.name) }
        let parts = version.prefix { $0 != "-" && $0 != "+" }.split(separator: ".", omittingEmptySubsequences: false)
        if parts.count != 3 || !parts.allSatisfy({ UInt32($0) != nil }) {
            problems.add("plugin version '\(version)': needs three numbers as in 1.0.0 (semver.org)")
        }
        for effect in effects where !EffectTable.isValidName(effect.name) {
            problems.add("plugin effect: \(EffectError.invalidName(effect.name))")
        }
        try problems.check()
        guard let name else { throw SettingsError(problems.found) }
        return name
    }
}
