import Logging
import NIOCore
import Outboard
import RedisClient

/// How a session ends when it is asked to.
extension Replica {
    /// Gives the lease up, goes on hearing for two seconds while others take over, flushes, and says goodbye.
    ///
    /// Runs in a cancelled task, whose sleeps end at once, so its pauses are timers of the event loop.
    func leave(_ connections: ReplicaConnections) async {
        // One that never had a lease has nothing to give up.
        guard state != .starting else { return }
        let command = connections.command
        state = .draining
        plan.drain()
        do {
            try await trying(.presence) {
                try await endLease(on: command)
                try await writeHash(on: command)
            }
            let end = Self.monotonicMilliseconds + Cadence.drain
            // One that hears nothing has nothing to hand over.
            while session.state == .enabled, Self.monotonicMilliseconds < end, session.isBroken == nil {
                try await watch(connections)
                try await rest()
                try await work(on: command)
            }
            try await connections.subscription.close().get()
            try await flushLast(on: command)
            state = .stopped
            try await writeHash(on: command)
        } catch {
            logger.warning("could not flush before the end", metadata: ["error": "\(error)"])
        }
    }

    /// Applies all that is here and that nobody else has applied.
    private func flushLast(on command: RedisConnection) async throws {
        for lane in hot.intake.lanes.indices { hot.intake.lanes[lane].rule = Standby.Rule() }
        let end = Self.monotonicMilliseconds + Cadence.lastFlush
        repeat {
            session.wantsFences = true
            try await work(on: command)
            if !hasWork { return }
            try await rest()
        } while Self.monotonicMilliseconds < end
        logger.warning("effects of some events were not applied before the end")
    }

    private var hasWork: Bool {
        if !inFlight.isEmpty || !hot.intake.batch.isEmpty { return true }
        if hot.intake.lanes.contains(where: { !$0.standby.isEmpty }) { return true }
        // What waits behind a hole is nobody else's, where there is nobody else.
        return roster.live.isEmpty && hot.intake.sources.contains { $0.cursor.heldCount > 0 }
    }

    private func rest() async throws {
        try await eventLoop.scheduleTask(in: Cadence.flush) {}.futureResult.get()
    }
}
