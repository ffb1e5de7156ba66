/// What one check of `outboard doctor` has found.
struct Finding: Encodable, Equatable {
    enum Verdict: String, Encodable {
        case ok, warn, fail
    }

    let verdict: Verdict
    /// What was looked at, for example `redis` or a plugin's name.
    let topic: String
    let found: String
    /// What to do about it; nil where all is well.
    let mend: String?

    static func ok(_ topic: String, _ found: String) -> Finding {
        Finding(verdict: .ok, topic: topic, found: found, mend: nil)
    }

    static func warn(_ topic: String, _ found: String, mend: String) -> Finding {
        Finding(verdict: .warn, topic: topic, found: found, mend: mend)
    }

    static func fail(_ topic: String, _ found: String, mend: String) -> Finding {
        Finding(verdict: .fail, topic: topic, found: found, mend: mend)
    }
}

/// The rule for a topic of which several things may be wrong: one line says that nothing is.
extension [Finding] {
    func orOK(_ topic: String, _ found: String) -> [Finding] { isEmpty ? [.ok(topic, found)] : self }
}
