import RedisClient

/// Whether a session reads its subscription, and since when not.
struct SubscriptionReading {
    private let subscription: RedisSubscription
    private var stoppedAt: Int64?

    init(of subscription: RedisSubscription) {
        self.subscription = subscription
    }

    var isOn: Bool { stoppedAt == nil }

    /// Reads or does not read from now on; on the event loop only.
    ///
    /// - Parameter now: Milliseconds of the monotonic clock.
    /// - Returns: For how long nothing was read, if that is over now.
    mutating func turn(on: Bool, now: Int64) -> Int64? {
        guard on != isOn else { return nil }
        subscription.read(on)
        defer { stoppedAt = on ? nil : now }
        return stoppedAt.map { now - $0 }
    }
}
