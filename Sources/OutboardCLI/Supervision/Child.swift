import Processes

/// A program to keep running.
struct Child: Sendable, Hashable {
    /// What its lines are marked with, for example `request-counter.2`.
    let label: String
    let command: Command
}
