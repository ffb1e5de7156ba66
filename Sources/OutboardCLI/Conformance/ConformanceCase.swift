/// One promise of the protocol, and how a foreign program is tried on it.
struct ConformanceCase<Subject: Sendable>: Sendable {
    /// What `--case` calls it.
    let name: String
    /// What holds if it passes, in one line.
    let proves: String
    /// Throws a `Discrepancy` if it does not hold.
    let check: @Sendable (Subject) async throws -> Void

    init(_ name: String, _ proves: String, _ check: @escaping @Sendable (Subject) async throws -> Void) {
        self.name = name
        self.proves = proves
        self.check = check
    }

    /// A case that only judges what was seen.
    init(_ name: String, _ proves: String, judging judge: @escaping @Sendable (Subject) throws -> Void) {
        self.name = name
        self.proves = proves
        self.check = { subject in try judge(subject) }
    }
}

/// What the protocol says and what the program did instead.
struct Discrepancy: Error, Equatable, CustomStringConvertible {
    let expected: String
    let seen: String

    var description: String { "expected \(expected); saw \(seen)" }
}

/// What came of one case.
struct ConformanceResult: Sendable {
    enum Outcome: Sendable, Equatable {
        case holds
        case fails(Discrepancy)
        /// Another case has failed without which this one means nothing.
        case notRun(because: String)
    }

    let name: String
    let proves: String
    let outcome: Outcome
    /// The last lines that the program wrote, where the case fails.
    var output: [String] = []
}
