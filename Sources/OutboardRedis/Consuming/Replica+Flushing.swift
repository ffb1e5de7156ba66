import Logging
import NIOCore
import Outboard
import RedisClient

/// How effects go to Redis.
extension Replica {
    /// Applies what was handled since the last flush. A lost reply ends the session; an error reply keeps the batch.
    func flush(on command: RedisConnection) async throws {
        if inFlight.isEmpty { inFlight = Batch.calls(hot.intake.seal()) }
        var refused: [Batch.Group] = []
        var fences: [Int: UInt64?] = [:]
        // Whatever ends the calls: what was refused until then is taken again.
        defer { takeAgain(refused, fences) }
        while let groups = inFlight.first {
            let arguments = BatchEncoding.arguments(groups, sources: hot.intake.sources, maxFields: settings.maxFields)
            // An error reply means that nothing was changed (docs/protocol.md, "Books"): the same is sent again.
            let reply = try await command.evaluate(
                Scripts.apply, keys: [settings.names.prefix(name)], arguments: arguments
            ).get()
            let outcomes = try BatchEncoding.outcomes(reply, groups: groups)
            inFlight.removeFirst()
            for (group, outcome) in zip(groups, outcomes) {
                switch outcome {
                case .applied: hot.intake.applied(group)
                case .refused(let seen):
                    refused.append(group)
                    for (range, fence) in zip(group.ranges, seen) { fences.updateValue(fence, forKey: range.source) }
                }
            }
            adjustReading()
        }
    }

    private func takeAgain(_ groups: [Batch.Group], _ fences: [Int: UInt64?]) {
        guard !groups.isEmpty else { return }
        logger.debug("groups refused", metadata: ["groups": "\(groups.count)", "sources": "\(fences.count)"])
        // A fence that was there and is not any more: Redis has lost its data.
        if fences.values.contains(nil) { session.sinceIsLost = true }
        hot.intake.refused(groups, fences: fences)
    }

    // MARK: Back-pressure

    /// Much waits for Redis: it goes now, and if that is not enough, nothing more is read.
    func relieve() {
        // Redis takes nothing; asking it again at once would not help.
        guard state != .failed else { return }
        session.flushPause.end()
        adjustReading()
    }

    /// Stops reading, or goes on, as the backlog says.
    ///
    /// A replica whose effects Redis refuses reads on: nobody knows for how long, and what finds no room is let go and
    /// counted, while a subscriber that never reads would be cut off and miss more.
    func adjustReading() {
        guard let reading = session.reading else { return }
        let mayRead = state == .failed || hot.intake.backlog.mayRead(isReading: reading.isOn)
        let now = Self.monotonicMilliseconds
        guard let stopped = session.reading?.turn(on: mayRead, now: now) else { return }
        logger.debug("reading goes on", metadata: ["stopped_ms": "\(stopped)"])
        // What fills a hole may have waited unread.
        if stopped > Cadence.stall { session.restartWaits(now) }
    }
}
