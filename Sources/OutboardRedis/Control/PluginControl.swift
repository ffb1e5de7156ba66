package import RedisClient

/// What an operator wants of a plugin, as its control hash says; docs/protocol.md, "Control".
package struct PluginControl: Equatable, Sendable {
    /// Whether a plugin counts.
    package enum State: String, Sendable, Codable, CaseIterable {
        case enabled, disabled
    }

    package var state: State
    /// JSON object of the settings that differ from what the process was started with.
    package var config: String
    /// Raised by every change; 0 where nobody has changed anything.
    package var revision: Int64
    /// Why the state is what it is; empty where nobody has said so.
    package var reason: String

    package init(state: State = .enabled, config: String = "{}", revision: Int64 = 0, reason: String = "") {
        self.state = state
        self.config = config
        self.revision = revision
        self.reason = reason
    }

    /// Reads an `HGETALL` reply.
    ///
    /// - Throws: `RedisError` coded `.unexpectedReply` that names the field that makes no sense and how to mend it.
    package init(_ reply: RedisValue, key: String) throws {
        let fields = Dictionary(try reply.stringPairs()) { $1 }
        func wrong(_ field: String, _ value: String, _ needed: String) -> RedisError {
            RedisError(
                code: .unexpectedReply,
                message:
                    "\(key) says '\(value.prefix(40))' of \(field), which needs \(needed); mend or delete that field")
        }
        self.init()
        if let text = fields[RedisNames.Control.state] {
            guard let state = State(rawValue: text) else {
                throw wrong(RedisNames.Control.state, text, "to be enabled or disabled")
            }
            self.state = state
        }
        if let text = fields[RedisNames.Control.revision] {
            guard let revision = Int64(text), revision >= 0 else {
                throw wrong(RedisNames.Control.revision, text, "to be a number")
            }
            self.revision = revision
        }
        if let text = fields[RedisNames.Control.config], !text.isEmpty { config = text }
        reason = fields[RedisNames.Control.reason] ?? ""
    }
}
