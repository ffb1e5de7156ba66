import NIOCore

/// When a publisher flushes (docs/decisions/0004-flush-once-a-millisecond.md) and when it moves on to its next lane
/// (docs/decisions/0012-ten-milliseconds-a-lane.md), as a value.
struct FlushPace {
    /// Between two flushes for new events.
    static let interval = TimeAmount.milliseconds(1)
    /// How long events without a key share a lane.
    static let laneTime = TimeAmount.milliseconds(10)

    /// When the present lane began.
    private var laneStart: NIODeadline?
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

    /// Asked behind a flush that sent something: whether what comes next goes to another lane.
    mutating func isLaneOver(now: NIODeadline) -> Bool {
        if let laneStart, now < laneStart + Self.laneTime { return false }
        defer { laneStart = now }
        return laneStart != nil
    }

    mutating func flushed(at now: NIODeadline, leaving waiting: Int) {
        last = now
        isHeldUp = waiting > 0
    }
}
