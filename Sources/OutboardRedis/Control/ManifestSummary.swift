package import Outboard

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A manifest as others read it; what is not there is nil, because other languages write manifests, too.
package struct ManifestSummary: Codable, Sendable, Equatable {
    package var version: String?
    package var `protocol`: Int?
    package var summary: String?
    package var subscribes: [String]?
    package var delivery: String?
    package var effects: JSONValue?
    /// The defaults by field, or a JSON schema whose properties have defaults.
    package var config: JSONValue?

    /// The settings as a schema; nil where the manifest has none.
    package var schema: ConfigurationSchema? {
        config.flatMap { try? JSONDecoder().decode(ConfigurationSchema.self, from: Data($0.text.utf8)) }
    }

    /// One effect that the manifest declares.
    package struct Effect: Codable, Sendable, Equatable {
        /// A word of the protocol, or one of a newer plugin: `counter`, `family`, `series`.
        package var kind: String
        package var name: String
        /// What follows `outboard:{<plugin>}:`.
        package var key: String?
        /// The time that one bucket spans.
        package var unit: String?

        /// The name, with the unit where there is one: `requests per minute`.
        package var title: String { unit.map { "\(name) per \($0)" } ?? name }
    }

    /// The effects that the manifest declares, in its order; one without kind or name is left out.
    package var declaredEffects: [Effect] {
        guard case .array(let declared)? = effects else { return [] }
        return declared.map(\.members).compactMap { effect in
            func text(_ member: String) -> String? {
                if case .string(let text)? = effect[member] { text } else { nil }
            }
            guard let kind = text("kind"), let name = text("name") else { return nil }
            return Effect(kind: kind, name: name, key: text("key"), unit: text("unit"))
        }
    }

    /// One field of a plugin's configuration.
    package struct Setting: Codable, Sendable, Equatable {
        package var name: String
        /// In force unless the plugin refuses it.
        package var value: JSONValue
        /// Nil where the manifest does not know the field.
        package var standard: JSONValue?
        package var about: String?

        private enum CodingKeys: String, CodingKey {
            case name, value, about
            case standard = "default"
        }
    }

    /// All fields of the configuration, with what the operator has changed.
    package func settings(changed: [String: JSONValue]) -> [Setting] {
        var standards: [String: (value: JSONValue, about: String?)] = [:]
        let members = config?.members ?? [:]
        if case .object(let properties)? = members["properties"] {
            for (name, schema) in properties {
                let about = [schema.members["type"], schema.members["description"]].compactMap { part in
                    if case .string(let text)? = part { text } else { nil }
                }.joined(separator: ": ")
                standards[name] = (schema.members["default"] ?? .null, about.isEmpty ? nil : about)
            }
        } else {
            for (name, value) in members { standards[name] = (value, nil) }
        }
        return Set(standards.keys).union(changed.keys).sorted().map { name in
            Setting(
                name: name, value: changed[name] ?? standards[name]?.value ?? .null, standard: standards[name]?.value,
                about: standards[name]?.about)
        }
    }
}
