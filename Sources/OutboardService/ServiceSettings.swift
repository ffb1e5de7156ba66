import Configuration
import Logging
import Outboard
import OutboardRedis

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The settings of a plugin service, read once and checked as a whole.
struct ServiceSettings {
    let bus: BusConfiguration
    let logLevel: Logger.Level
    let startTimeout: Duration
    private let pluginConfig: String?

    /// What a service of any plugin reads; everything else on its command line is a mistake.
    private static let flags = CommandLineFlags(keys: [
        "redis.url", "redis.password.file", "redis.ca.file", "redis.cert.file", "redis.key.file", "namespace", "lanes",
        "holders", "buffer.bytes", "max.fields", "log.level", "start.timeout", "plugin.config",
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
        func wrong(_ reason: String) -> SettingsError {
            SettingsError(["OUTBOARD_PLUGIN_CONFIG='\(pluginConfig)': \(reason)"])
        }
        let defaults = try JSONEncoder().encode(P.Configuration())
        let known = try JSONDecoder().decode([String: JSONValue].self, from: defaults)
        guard let given = try? JSONDecoder().decode([String: JSONValue].self, from: Data(pluginConfig.utf8)) else {
            throw wrong("needs a JSON object, for example {\"perMinute\": false}")
        }
        if let stranger = given.keys.sorted().first(where: { known[$0] == nil }) {
            let names = known.keys.sorted().joined(separator: ", ")
            throw wrong("\(P.manifest.name) has no setting '\(stranger)'; it has: \(names.isEmpty ? "none" : names)")
        }
        let merged = try JSONEncoder().encode(known.merging(given) { $1 })
        do {
            return try JSONDecoder().decode(P.Configuration.self, from: merged)
        } catch {
            throw wrong("a value is of the wrong type (\(error))")
        }
    }
}

/// Any JSON value, for merging settings of unknown shape.
enum JSONValue: Codable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let integer = try? value.decode(Int.self) {
            self = .integer(integer)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSONValue].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .integer(let integer): try value.encode(integer)
        case .number(let number): try value.encode(number)
        case .string(let string): try value.encode(string)
        case .array(let array): try value.encode(array)
        case .object(let object): try value.encode(object)
        }
    }
}
