import Outboard

/// Numbers that did not come.
extension Intake {
    /// Numbers of one source that nobody is known to have.
    struct Hole: Equatable {
        let source: Int
        let numbers: ClosedRange<UInt64>
    }

    /// Everything that the records counted should have arrived by now: what has not is absent.
    ///
    /// - Parameter asked: When the records were asked for.
    mutating func noteAbsent(heardBefore asked: Int64) {
        for index in sources.indices {
            // A lane that was joined behind the reading proves nothing about what the records count.
            let lane = lanes[sources[index].lane]
            guard let recorded = sources[index].recorded, lane.isHeard, lane.hearingSince <= asked else { continue }
            if !sources[index].isRetired { sources[index].cursor.record(recorded, now: now) }
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
            guard lane.isHeard, source.place == nil, source.onStandby == 0, !source.isRetired else { return nil }
            let floor = max(trustedSince, lane.hearingSince)
            guard let hole = source.cursor.overdueHole(now: now, patience: patience, floor: floor) else { return nil }
            // An absurd number is judged before it makes a hole.
            guard let limit = source.plausibleLimit, hole.upperBound <= limit else { return nil }
            return Hole(source: index, numbers: hole)
        }
    }

    /// Redis has answered to the declaration of a hole.
    ///
    /// - Parameter fence: The source's fence by now.
    /// - Returns: Whether this declaration has booked it.
    mutating func close(_ hole: Hole, fence: UInt64?) -> Bool {
        // While the script ran, events may have been handled: then the batch's own answer tells where we are.
        guard sources[hole.source].place == nil else { return false }
        let isBooked = fence == hole.numbers.upperBound
        if isBooked { figures.missed += UInt64(hole.numbers.count) }
        settle(hole.source, fence: fence)
        drain(hole.source)
        return isBooked
    }
}
