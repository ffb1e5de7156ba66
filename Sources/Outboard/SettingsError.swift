/// Every wrong setting of a process, found in one pass, so that one start names them all.
///
/// A process that meets this error prints `description` and exits with code 64 (`EX_USAGE` of BSD's `sysexits.h`).
public struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// One sentence a problem: the setting, what is wrong with its value, and what would be right.
    public let problems: [String]

    /// - Parameter problems: At least one sentence, each naming its setting.
    public init(_ problems: [String]) {
        self.problems = problems
    }

    /// All problems, one a line, for the terminal.
    public var description: String {
        let head = problems.count == 1 ? "1 setting is wrong:" : "\(problems.count) settings are wrong:"
        return ([head] + problems.map { "  - \($0)" }).joined(separator: "\n")
    }
}

/// Collects problems while settings are read, so that reading goes on after the first wrong one.
public struct SettingsProblems {
    /// What was found so far, in the order in which settings were read.
    public private(set) var found: [String] = []

    /// Starts with none.
    public init() {}

    /// Adds one sentence that names a setting, its problem and the mend.
    public mutating func add(_ problem: String) {
        found.append(problem)
    }

    /// Runs `read` and returns what it made; a `SettingsError` is collected and gives `nil`.
    ///
    /// - Throws: Any other error of `read`, untouched.
    public mutating func collect<Value>(_ read: () throws -> Value) throws -> Value? {
        do {
            return try read()
        } catch let error as SettingsError {
            found += error.problems
            return nil
        }
    }

    /// - Throws: `SettingsError` with all that was found, if anything was.
    public func check() throws {
        guard found.isEmpty else { throw SettingsError(found) }
    }
}
