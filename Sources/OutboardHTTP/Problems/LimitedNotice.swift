import Synchronization

/// Lets one of many equal log lines through each second, and says how many it stands for.
final class LimitedNotice: Sendable {
    private struct State {
        var count = 0
        var last: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    /// Notes one occurrence; returns how many there were since the last line, if a line is due.
    func note(at now: ContinuousClock.Instant = .now) -> Int? {
        state.withLock { state in
            state.count += 1
            if let last = state.last, now - last < .seconds(1) { return nil }
            defer { state = State(last: now) }
            return state.count
        }
    }
}
