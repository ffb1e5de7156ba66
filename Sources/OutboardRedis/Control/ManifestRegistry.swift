package import Outboard
package import RedisClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Manifests as they lie in Redis; docs/protocol.md, "Plugins".
package enum ManifestRegistry {
    /// A manifest with what follows from the plugin's types.
    private struct Registration: Encodable {
        let name: String
        let version: String
        let `protocol`: Int
        let summary: String
        let subscribes: [String]
        let delivery = "shared"
        let effects: [EffectDeclaration]
        let config: ConfigurationSchema
    }

    /// The manifest of a plugin as JSON, keys in order, with the schema of its configuration.
    package static func json<P: Plugin>(_ manifest: Manifest, of plugin: P.Type) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let registration = Registration(
            name: manifest.name, version: manifest.version, protocol: manifest.protocol, summary: manifest.summary,
            subscribes: [P.Payload.eventType], effects: manifest.effects,
            config: try ConfigurationSchema(defaults: P.Configuration()))
        return String(decoding: try encoder.encode(registration), as: UTF8.self)
    }

    /// - Throws: `SettingsError` if a newer protocol than ours is registered under this name.
    package static func check(_ stored: RedisValue, against manifest: Manifest) throws {
        struct Known: Decodable {
            let `protocol`: Int
        }
        guard let text = try stored.stringOrNil() else { return }
        guard let known = try? JSONDecoder().decode(Known.self, from: Data(text.utf8)) else { return }
        // A manifest that cannot be read was not written by a service of ours; this start overwrites it.
        guard known.protocol <= Manifest.protocolVersion else {
            throw SettingsError([
                "plugin \(manifest.name): it is registered with protocol \(known.protocol), this process speaks "
                    + "\(Manifest.protocolVersion); update this service"
            ])
        }
    }
}
