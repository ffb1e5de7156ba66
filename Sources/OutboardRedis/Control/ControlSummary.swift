/// What an operator wants of a plugin: the hash `outboard:{<plugin>}:control`.
package struct ControlSummary: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
        case enabled, disabled
    }

    package var state: State
    /// The fields of the configuration that differ from the defaults.
    package var config: [String: JSONValue]
    package var revision: Int64
    /// What in the hash cannot be read; nil if nothing.
    package var problem: String?

    /// - Parameter fields: The hash; an absent one means enabled, as configured by default, revision 0.
    package init(fields: [String: String] = [:]) {
        var problems: [String] = []
        state = .enabled
        if let text = fields["state"] {
            if let known = State(rawValue: text) {
                state = known
            } else {
                problems.append("state '\(text)' is neither enabled nor disabled")
            }
        }
        config = [:]
        if let text = fields["config"] {
            if case .object(let members)? = JSONValue(text: text) {
                config = members
            } else {
                problems.append("config is not a JSON object")
            }
        }
        revision = 0
        if let text = fields["revision"] {
            if let number = Int64(text), number >= 0 {
                revision = number
            } else {
                problems.append("revision '\(text)' is not a number")
            }
        }
        problem = problems.isEmpty ? nil : problems.joined(separator: ", ")
    }
}
