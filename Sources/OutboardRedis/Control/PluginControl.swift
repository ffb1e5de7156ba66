package import Outboard
package import RedisClient

/// What an operator wants of a plugin: the hash `outboard:{<plugin>}:control`.
package struct PluginControl: Codable, Sendable, Equatable {
    /// Whether a plugin counts.
    package enum State: String, Codable, Sendable, CaseIterable {
        case enabled, disabled
    }

    package var state: State
    /// The settings that differ from those with which the processes were started.
    package var config: [String: JSONValue]
    /// Raised by every change; 0 where nobody has changed anything.
    package var revision: Int64
    /// Why the state is what it is, in words for people; nil if nobody has said so.
    package var reason: String?
    /// What in the hash cannot be read, and so is as if it were absent; nil if nothing.
    package var problem: String?

    /// - Parameter fields: The hash; an absent one means enabled, as configured by default, revision 0.
    package init(fields: [String: String] = [:]) {
        var problems: [String] = []
        state = .enabled
        if let text = fields[RedisNames.Control.state] {
            if let known = State(rawValue: text) {
                state = known
            } else {
                problems.append("state '\(text)' is neither enabled nor disabled")
            }
        }
        config = [:]
        if let text = fields[RedisNames.Control.config] {
            if let changes = ConfigurationSchema.changes(in: text) {
                config = changes
            } else {
                problems.append("config is not a JSON object")
            }
        }
        revision = 0
        if let text = fields[RedisNames.Control.revision] {
            if let number = Int64(text), number >= 0 {
                revision = number
            } else {
                problems.append("revision '\(text)' is not a number")
            }
        }
        reason = fields[RedisNames.Control.reason].flatMap { $0.isEmpty ? nil : $0 }
        problem = problems.isEmpty ? nil : problems.joined(separator: ", ")
    }

    /// - Throws: `RedisError` coded `.unexpectedReply` that names what cannot be read: who acts on it must not guess.
    package init(reading reply: RedisValue, key: String) throws {
        self.init(fields: Dictionary(try reply.stringPairs()) { $1 })
        guard let problem else { return }
        throw RedisError(code: .unexpectedReply, message: "\(key): \(problem.prefix(200)); mend or delete that field")
    }
}
