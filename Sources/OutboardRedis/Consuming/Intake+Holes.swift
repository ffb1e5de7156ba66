import Outboard

/// Numbers that did not come.
extension Intake {
    /// Numbers of one source that nobody is known to have.
    struct Hole: Equatable {
        let source: Int
        let numbers: ClosedRange<UInt64>
    }

    /// What the records count now, source by source: taken before a probe is sent, which then proves it.
    var recordedNumbers: [UInt64?] { sources.map(\.recorded) }

    /// Everything that the records counted should have arrived by now: what has not is absent.
    ///
    /// - Parameters:
    ///   - recorded: What they counted when the probe was sent; later ones are not proven by it.
    ///   - asked: When the records were asked for.
    mutating func noteAbsent(_ recorded: [UInt64?], heardBefore asked: Int64) {
        for (index, number) in recorded.enumerated() {
            // A lane that was joined behind the reading proves nothing about what the records count.
            let lane = lanes[sources[index].lane]
            guard let number, lane.isHeard, lane.hearingSince <= asked, !sources[index].isRetired else { continue }
            sources[index].proven = (number, sources[index].proven?.since ?? now)
            sources[index].cursor.record(number, now: now)
        }
    }

    /// Holes that have waited for long enough.
    ///
    /// - Parameter trustedSince: No wait began before this time.
    func overdueHoles(patience: Int64, trustedSince: Int64) -> [Hole] {
        sources.indices.compactMap { index in
            let source = sources[index]
            let lane = lanes[source.lane]
            // What is on standby here is no hole, and a batch's own answer tells where its sources are.
            guard lane.isHeard, !source.isBatched, source.onStandby == 0, !source.isRetired else { return nil }
            let floor = max(trustedSince, lane.hearingSince)
            guard let hole = source.cursor.overdueHole(now: now, patience: patience, floor: floor) else { return nil }
            // An absurd number is judged before it makes a hole.
            guard let limit = source.plausibleLimit, hole.upperBound <= limit else { return nil }
            return Hole(source: index, numbers: hole)
        }
    }

    /// Redis has answered to the declaration of a hole.
    ///
    /// - Parameters:
    ///   - fence: The source's fence by now.
    ///   - isBooked: Whether this declaration has booked it, and not somebody else moved the fence.
    mutating func close(_ hole: Hole, fence: UInt64?, isBooked: Bool) {
        if isBooked { figures.missed += UInt64(hole.numbers.count) }
        // While the script ran, events may have been handled: then the batch's own answer tells where we are.
        guard !sources[hole.source].isBatched else { return }
        settle(hole.source, fence: fence)
        drain(hole.source)
    }
}
