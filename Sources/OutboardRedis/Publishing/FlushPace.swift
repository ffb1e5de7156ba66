import NIOCore

/// When a publisher flushes, as a value: docs/decisions/0004-flush-once-a-millisecond.md.
struct FlushPace {
    /// Between two flushes for new events.
    static let interval = TimeAmount.milliseconds(1)

    private var last: NIODeadline?
    /// The last flush left events behind: the window has no room, and they go as soon as it has.
    private(set) var isHeldUp = false
    /// A flush for those is on its way.
    var isFollowing = false

    /// When new events go: now, unless others have just gone.
    func due(now: NIODeadline) -> NIODeadline {
        guard let last else { return now }
        return max(now, last + Self.interval)
    }

    mutating func flushed(at now: NIODeadline, leaving waiting: Int) {
        last = now
        isHeldUp = waiting > 0
    }
}
