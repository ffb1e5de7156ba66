/// Waits between attempts: doubling, with jitter, so that many clients do not come back at once.
package struct Backoff: Sendable {
    private let first: Duration
    private let limit: Duration
    private var bound: Duration

    package init(first: Duration = .milliseconds(50), limit: Duration = .seconds(2)) {
        self.first = first
        self.limit = limit
        self.bound = first
    }

    /// The next wait: anything from a tenth of the bound to the bound, which doubles up to the limit.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { bound = min(bound * 2, limit) }
        return bound * Double.random(in: 0.1...1, using: &generator)
    }

    /// Starts again with the first bound.
    package mutating func reset() {
        bound = first
    }
}
