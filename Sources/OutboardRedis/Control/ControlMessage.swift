package import Outboard

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A message on the channel `outboard:control`.
package struct ControlMessage: Codable, Equatable, Sendable {
    /// What has happened.
    package enum Kind: String, Codable, Sendable {
        case control, joined, left
        /// Somebody asks whether the plugin would take a configuration, and a replica answers.
        case judge, judged
    }

    package var plugin: String
    package var kind: Kind
    package var replica: String?
    package var revision: Int?
    /// Of a question, and of each answer to it.
    package var id: String?
    /// What is asked about: the settings that would differ from those with which the processes were started.
    package var config: [String: JSONValue]?
    /// Why the answer is no; nil if it is yes.
    package var error: String?

    package init(plugin: String, kind: Kind, replica: String? = nil, revision: Int? = nil) {
        self.plugin = plugin
        self.kind = kind
        self.replica = replica
        self.revision = revision
    }

    /// Nil if the bytes are no such message.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        // Whatever else somebody publishes there concerns nobody here.
        guard let message = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
        self = message
    }

    package func json() throws -> String {
        String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    }
}
