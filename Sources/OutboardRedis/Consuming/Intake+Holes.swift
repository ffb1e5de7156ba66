import Outboard

/// Numbers that did not come.
extension Intake {
    /// Numbers of one source that nobody is known to have.
    struct Hole: Equatable {
        let source: Int
        let numbers: ClosedRange<UInt64>
        /// `missed`, or `skipped` where the plugin was disabled meanwhile.
        var book = Book.missed
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
            // Nothing of it passed while the plugin was disabled; from now on a hole is a loss.
            if !sources[index].cursor.isBehindRecord, now - lane.hearingSince >= FirstFence.newcomer {
                sources[index].resumedAt = nil
            }
        }
    }

    /// Holes that have waited for long enough.
    ///
    /// - Parameter trustedSince: No wait began before this time.
    func overdueHoles(patience: Int64, trustedSince: Int64) -> [Hole] {
        sources.indices.compactMap { index in
            // Asked first and in place: a copy of a source counts all of its references.
            guard sources[index].cursor.hasHole else { return nil }
            let source = sources[index]
            let lane = lanes[source.lane]
            // What is on standby here is no hole, and a batch's own answer tells where its sources are.
            guard lane.isHeard, !source.isBatched, source.onStandby == 0, !source.isRetired else { return nil }
            let floor = max(trustedSince, lane.hearingSince)
            let skipped = skipped(source, lane)
            guard let hole = skipped ?? source.cursor.overdueHole(now: now, patience: patience, floor: floor) else {
                return nil
            }
            // An absurd number is judged before it makes a hole.
            guard let limit = source.plausibleLimit, hole.upperBound <= limit else { return nil }
            return Hole(source: index, numbers: hole, book: skipped == nil ? .missed : .skipped)
        }
    }

    /// What passed while the plugin was disabled: from the fence at its enabling up to the first event heard since, or
    /// up to the record, once a second has passed in which nothing was. Once the fence has moved it is a hole like others.
    private func skipped(_ source: ReplicaSource, _ lane: LaneIntake) -> ClosedRange<UInt64>? {
        guard let resumed = source.resumedAt, source.cursor.next == resumed + 1 else { return nil }
        // Who ranks first decides at once: others may have subscribed later.
        let patience = source.cursor.heldCount > 0 && lane.rule.delay == 0 ? 0 : FirstFence.newcomer
        return source.cursor.overdueHole(now: now, patience: patience, floor: lane.hearingSince)
    }

    /// The plugin was disabled until now. What it did not hear meanwhile is not missed.
    ///
    /// - Parameter fences: As they were before anything was heard again; a source of which something is recorded and that
    ///   has none began meanwhile.
    mutating func resume(from fences: [String: UInt64]) {
        for index in sources.indices {
            let source = sources[index]
            let began = source.cursor.next == nil && (source.recorded ?? 0) > 0
            sources[index].resumedAt = fences[source.text] ?? (began ? 0 : nil)
        }
    }

    /// Redis has answered to the declaration of a hole.
    ///
    /// - Parameters:
    ///   - fence: The source's fence by now.
    ///   - isBooked: Whether this declaration has booked it, and not somebody else moved the fence.
    mutating func close(_ hole: Hole, fence: UInt64?, isBooked: Bool) {
        if isBooked, hole.book == .missed { figures.missed += UInt64(hole.numbers.count) }
        // While the script ran, events may have been handled: then the batch's own answer tells where we are.
        guard !sources[hole.source].isBatched else { return }
        settle(hole.source, fence: fence)
        drain(hole.source)
    }
}
