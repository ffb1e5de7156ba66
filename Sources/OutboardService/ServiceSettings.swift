import Configuration
import Logging
import Outboard
import OutboardRedis

/// The settings of a plugin service, read once and checked as a whole.
struct ServiceSettings {
    let bus: BusConfiguration
    let logLevel: Logger.Level
    let startTimeout: Duration
    private let pluginConfig: String?

    /// What a service of any plugin reads; everything else on its command line is a mistake.
    private static let flags = CommandLineFlags(keys: [
        "redis.url", "redis.password.file", "redis.ca.file", "redis.cert.file", "redis.key.file", "namespace", "lanes",
        "holders", "handler.budget", "failure.limit", "buffer.bytes", "max.fields", "log.level", "start.timeout",
        "plugin.config",
    ])

    /// - Parameters:
    ///   - plugin: Whose configuration is checked along with the rest.
    ///   - arguments: The flags alone.
    /// - Throws: `SettingsError` that names every problem.
    init<P: Plugin>(for plugin: P.Type, arguments: [String]) throws {
        var problems = SettingsProblems()
        Self.flags.check(arguments, &problems)
        let reader = ProcessSettings.reader(&problems)
        let bus = try problems.collect { try BusConfiguration(reader: reader) }
        let level = reader.string(forKey: "log.level", default: "info")
        let logLevel = Logger.Level(rawValue: level)
        if logLevel == nil {
            let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            problems.add("OUTBOARD_LOG_LEVEL='\(level)': needs one of \(names)")
        }
        let pluginConfig = reader.string(forKey: "plugin.config")
        _ = try problems.collect { try Self.configuration(of: plugin, differing: pluginConfig) }
        try problems.check()
        guard let bus, let logLevel else { throw SettingsError(problems.found) }
        self.bus = bus
        self.logLevel = logLevel
        self.startTimeout = bus.startTimeout
        self.pluginConfig = pluginConfig
    }

    /// The plugin's defaults, overlaid by `OUTBOARD_PLUGIN_CONFIG`.
    ///
    /// - Throws: `SettingsError` if that is no JSON object, names an unknown field, or has a value of a wrong type.
    func configuration<P: Plugin>(of plugin: P.Type) throws -> P.Configuration {
        try Self.configuration(of: plugin, differing: pluginConfig)
    }

    private static func configuration<P: Plugin>(
        of _: P.Type, differing pluginConfig: String?
    ) throws -> P.Configuration {
        guard let pluginConfig, !pluginConfig.isEmpty else { return P.Configuration() }
        do {
            guard let changes = ConfigurationSchema.changes(in: pluginConfig) else {
                throw SettingsError(["needs a JSON object, for example {\"perMinute\": false}"])
            }
            let configuration = try P.Configuration().changed(by: changes, for: P.manifest.name)
            // The plugin's own judgement; the instance that counts is made later.
            var plugin = P()
            try plugin.configure(configuration)
            return configuration
        } catch let error as SettingsError {
            throw SettingsError(error.problems.map { "OUTBOARD_PLUGIN_CONFIG='\(pluginConfig)': \($0)" })
        } catch {
            throw SettingsError(["OUTBOARD_PLUGIN_CONFIG='\(pluginConfig)': \(P.manifest.name) refuses it: \(error)"])
        }
    }
}
