/// Decides when so many events of a plugin fail that it had better hear none: a circuit breaker, as a value.
///
/// It is told each second how many events have been handled and how many have failed since the start, and looks at the
/// last ten seconds. Someone has to enable the plugin again: a broken one does not mend itself, and one that is tried again
/// by itself would count a part of its events.
package struct FailureBreaker: Equatable, Sendable {
    /// Seconds that are looked at.
    static let window = 10
    /// With fewer events than this the share of failures says little.
    static let leastEvents: UInt64 = 100

    private struct Sample: Equatable {
        let handled: UInt64
        let failed: UInt64
    }

    /// Why it has tripped.
    package struct Trip: Equatable, Sendable, CustomStringConvertible {
        package let failed: UInt64
        package let events: UInt64
        package let seconds: Int

        package var description: String {
            "\(failed * 100 / events) % of \(events) events failed within \(seconds) s"
        }
    }

    /// Percent of the events that may fail; nil to let any number fail.
    private let limit: Int?
    private var samples: [Sample] = []

    /// - Parameter limit: 1 through 100: it trips above that percentage; nil never.
    package init(limit: Int?) {
        self.limit = limit
    }

    /// Takes the totals, once a second.
    ///
    /// - Returns: Why the plugin should be disabled, if it should.
    package mutating func observe(handled: UInt64, failed: UInt64) -> Trip? {
        samples.append(Sample(handled: handled, failed: failed))
        if samples.count > Self.window + 1 { samples.removeFirst() }
        guard let limit, let first = samples.first else { return nil }
        let failures = failed - first.failed
        let events = failures + handled - first.handled
        guard events >= Self.leastEvents, failures * 100 > events * UInt64(limit) else { return nil }
        return Trip(failed: failures, events: events, seconds: samples.count - 1)
    }

    /// Begins anew with these totals, as when the plugin begins to hear.
    package mutating func begin(handled: UInt64, failed: UInt64) {
        samples = [Sample(handled: handled, failed: failed)]
    }
}
