package import Outboard

/// What somebody asks of a plugin by the admin API: a merge patch (RFC 7396) of its state and its settings.
package struct PluginChange: Decodable, Sendable, Equatable {
    /// Nil leaves it as it is.
    package var state: PluginControl.State?
    /// Why, for people.
    package var reason: String?
    /// Setting → value; null goes back to what the processes were started with. Nil leaves them as they are.
    package var config: [String: JSONValue]?

    package init(state: PluginControl.State? = nil, reason: String? = nil, config: [String: JSONValue]? = nil) {
        self.state = state
        self.reason = reason
        self.config = config
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case state, reason, config
    }

    /// Any member, to find those that mean nothing here.
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// - Throws: `DecodingError` also for a member that is none of ours: a misspelt change must not seem to be made.
    package init(from decoder: any Decoder) throws {
        let known = CodingKeys.allCases.map(\.stringValue)
        for name in try decoder.container(keyedBy: Name.self).allKeys where !known.contains(name.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(codingPath: [name], debugDescription: "only \(known.joined(separator: ", ")) can be changed"))
        }
        let members = try decoder.container(keyedBy: CodingKeys.self)
        state = try members.decodeIfPresent(PluginControl.State.self, forKey: .state)
        reason = try members.decodeIfPresent(String.self, forKey: .reason)
        config = try members.decodeIfPresent([String: JSONValue].self, forKey: .config)
    }

    /// The settings that are wanted after this change.
    package func config(after config: [String: JSONValue]) -> [String: JSONValue] {
        let changes = self.config ?? [:]
        return config.merging(changes) { $1 }.filter { changes[$0.key] != .null }
    }

    /// What is wrong with the settings: a sentence a problem.
    package func problems(_ schema: ConfigurationSchema, of plugin: PluginName) -> [String] {
        // What goes back to its start needs no type, but a setting that there is.
        let changes = (config ?? [:]).filter { $0.value != .null || schema.fields[$0.key] == nil }
        return schema.problems(of: changes, for: plugin.rawValue)
    }
}

/// Why a change of a plugin was not made.
package enum PluginChangeRefusal: Error, Equatable {
    /// No plugin of this name ever registered.
    case unknown
    /// What is wrong with it: a sentence a problem.
    case wrong([String])
    /// It has so many live replicas.
    case lives(Int)
}
