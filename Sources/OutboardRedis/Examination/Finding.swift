/// What one check of a bus has found, for `outboard doctor` and the admin API.
package struct Finding: Codable, Sendable, Equatable {
    package enum Verdict: String, Codable, Sendable {
        case ok, warn, fail
    }

    package let verdict: Verdict
    /// What was looked at, for example `redis` or a plugin's name.
    package let topic: String
    package let found: String
    /// What to do about it; nil where all is well.
    package let mend: String?

    package static func ok(_ topic: String, _ found: String) -> Finding {
        Finding(verdict: .ok, topic: topic, found: found, mend: nil)
    }

    package static func warn(_ topic: String, _ found: String, mend: String) -> Finding {
        Finding(verdict: .warn, topic: topic, found: found, mend: mend)
    }

    package static func fail(_ topic: String, _ found: String, mend: String) -> Finding {
        Finding(verdict: .fail, topic: topic, found: found, mend: mend)
    }
}

/// The rule for a topic of which several things may be wrong: one line says that nothing is.
extension [Finding] {
    func orOK(_ topic: String, _ found: String) -> [Finding] { isEmpty ? [.ok(topic, found)] : self }
}
