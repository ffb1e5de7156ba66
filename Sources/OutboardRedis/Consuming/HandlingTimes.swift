/// How long a plugin takes for its events, as a value: quantiles, and the slowest events beyond the budget.
///
/// Asking the time twice an event would cost some percent of a fast handler, so one event in sixteen is timed; after one
/// that was too slow, each of the next few thousand is, so that the slow ones can be named.
struct HandlingTimes {
    /// An event that took longer than it may.
    struct SlowEvent: Equatable, Sendable {
        let source: String
        let id: UInt64
        let microseconds: UInt64
    }

    /// What is told of a time span.
    struct Summary: Equatable, Sendable {
        /// Upper bounds, at most a quarter above the truth; 0 where nothing was timed.
        var p50: UInt64 = 0
        var p99: UInt64 = 0
        /// The slowest first.
        var slowest: [SlowEvent] = []
        /// Timed events that were too slow.
        var slow: UInt64 = 0
    }

    static let everyOther: UInt32 = 16
    static let watchedEvents = 4_096
    private static let named = 3

    /// In nanoseconds.
    let budget: UInt64
    private var passed: UInt32 = 0
    private var watched = 0
    /// By powers of two of nanoseconds, four buckets each.
    private var buckets = [UInt32](repeating: 0, count: 256)
    private var summary = Summary()

    init(budgetMicroseconds: Int) {
        budget = UInt64(budgetMicroseconds) * 1_000
    }

    /// Whether the next event is to be timed.
    mutating func isDue() -> Bool {
        if watched > 0 {
            watched -= 1
            return true
        }
        passed &+= 1
        return passed % Self.everyOther == 0
    }

    /// - Parameter name: Names the event; asked only where it was too slow.
    mutating func note(_ nanoseconds: UInt64, _ name: () -> (source: String, id: UInt64)) {
        buckets[Self.bucket(nanoseconds)] += 1
        guard nanoseconds > budget else { return }
        watched = Self.watchedEvents
        summary.slow += 1
        let microseconds = nanoseconds / 1_000
        guard summary.slowest.count < Self.named || microseconds > summary.slowest.last?.microseconds ?? 0 else {
            return
        }
        let (source, id) = name()
        let place = summary.slowest.firstIndex { $0.microseconds < microseconds } ?? summary.slowest.count
        summary.slowest.insert(SlowEvent(source: source, id: id, microseconds: microseconds), at: place)
        if summary.slowest.count > Self.named { summary.slowest.removeLast() }
    }

    /// What was noted since the last question.
    mutating func take() -> Summary {
        var result = summary
        (result.p50, result.p99) = (quantile(0.5), quantile(0.99))
        summary = Summary()
        for index in buckets.indices { buckets[index] = 0 }
        return result
    }

    // MARK: Private

    private func quantile(_ share: Double) -> UInt64 {
        let count = buckets.reduce(0) { $0 + UInt64($1) }
        guard count > 0 else { return 0 }
        var left = max(1, (Double(count) * share).rounded(.up))
        for (index, events) in buckets.enumerated() {
            left -= Double(events)
            if left <= 0 { return Self.upperBound(index) / 1_000 }
        }
        return 0
    }

    private static func bucket(_ value: UInt64) -> Int {
        guard value >= 4 else { return Int(value) }
        let power = 63 - value.leadingZeroBitCount
        return power * 4 + Int(value >> UInt64(power - 2)) - 4
    }

    private static func upperBound(_ bucket: Int) -> UInt64 {
        guard bucket >= 8 else { return UInt64(bucket) }
        let (power, quarter) = (UInt64(bucket / 4), UInt64(bucket % 4))
        return (quarter + 5) << (power - 2)
    }
}
