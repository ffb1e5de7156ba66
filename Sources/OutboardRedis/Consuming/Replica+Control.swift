import Logging
import NIOCore
import Outboard
import RedisClient

/// The session ends because the plugin was enabled or disabled; the next one begins as wanted.
struct StateChanged: Error {}

/// How a replica follows what an operator wants: enabled or disabled, and with which configuration.
///
/// A session is one or the other from its beginning to its end, so a change ends it: what was handled is flushed, and the
/// next session hears lanes or does not. Nothing else has to know.
extension Replica {
    /// Reads what is wanted, and takes a configuration that is new.
    func readControl(on command: RedisConnection) async throws {
        session.wantsControl = false
        session.controlReadAt = Self.monotonicMilliseconds
        let key = settings.names.pluginControl(name)
        let wanted = try PluginControl(reading: try await command.send(RedisCommand("HGETALL", key)).get(), key: key)
        // Redis has lost its data, or the hash was deleted: that is a change, too.
        guard wanted != control else { return }
        if wanted.config != control.config { configure(wanted) }
        control = wanted
    }

    /// Looks each second what is wanted, and at once when told to.
    func followControl(_ connections: ReplicaConnections) async throws {
        guard session.wantsControl || Self.monotonicMilliseconds - session.controlReadAt >= Cadence.control else {
            return
        }
        let known = control
        try await trying(.control) { try await readControl(on: connections.command) }
        guard control != known else { return }
        if control.state != session.state {
            logger.info(
                "\(control.state)", metadata: ["revision": "\(control.revision)", "reason": "\(control.reason ?? "-")"])
            if session.state == .enabled { try await fallSilent(connections) }
            wasDisabled = true
            throw StateChanged()
        }
        try await trying(.presence) { try await writeHash(on: connections.command) }
    }

    /// Tells those who ask whether the plugin would take a configuration.
    func answerQuestions(on command: RedisConnection) async throws {
        for question in session.takeQuestions() {
            var answer = ControlMessage(plugin: name.rawValue, kind: .judged, replica: id)
            answer.id = question.id
            do { try hot.intake.judge(question.config ?? [:]) } catch { answer.error = "\(error)" }
            do {
                let message = RedisCommand("PUBLISH", settings.names.control, try answer.json())
                _ = try await command.send(message).get()
            } catch let error as RedisError where error.code == .serverReply {
                // Who asked says that nothing came; this replica does what it is there for all the same.
                logger.warning("could not answer", metadata: ["error": "\(error)"])
            }
        }
    }

    // MARK: What goes wrong

    /// Disables the plugin for all replicas if too many of its events fail.
    func breakCircuit(on command: RedisConnection) async throws {
        guard session.state == .enabled else { return }
        let figures = hot.intake.figures
        guard let trip = breaker.observe(handled: figures.handled, failed: figures.failed) else { return }
        let reason = "circuit breaker of \(id): \(trip); enable it again when it is mended"
        logger.critical("plugin disabled", metadata: ["reason": "\(reason)"])
        try await PluginOperator(names: settings.names, redis: command).set(.disabled, of: name, reason: reason)
        session.wantsControl = true
        session.watchPause.end()
    }

    /// Takes how long events have taken, and says which were slow.
    func noteTimes() {
        times = hot.intake.takeTimes()
        guard times.slow > 0 else { return }
        slow += times.slow
        let slowest = times.slowest.map { "\($0.source) \($0.id): \($0.microseconds) us" }.joined(separator: ", ")
        logger.warning(
            "slow events",
            metadata: ["events": "\(times.slow)", "budget_us": "\(settings.handlerBudget)", "slowest": "\(slowest)"])
    }

    // MARK: Private

    /// Takes a configuration between two events, or keeps the old one and says why.
    private func configure(_ wanted: PluginControl) {
        do {
            try hot.intake.configure(wanted.config)
            refusedConfiguration = ""
            logger.info("configured", metadata: ["config": "\(wanted.config)", "revision": "\(wanted.revision)"])
        } catch {
            refusedConfiguration = "configuration of revision \(wanted.revision) refused: \(error)"
            logger.error("configuration refused", metadata: ["error": "\(error)", "revision": "\(wanted.revision)"])
        }
    }

    /// Hears nothing more and flushes what was heard.
    private func fallSilent(_ connections: ReplicaConnections) async throws {
        let lanes = plan.heard
        for lane in lanes { hot.intake.leave(lane) }
        hot.intake.dropHeld()
        plan.reset()
        if !lanes.isEmpty { try await connections.subscription.unsubscribe(channels(lanes)).get() }
        let end = Self.monotonicMilliseconds + Cadence.lastFlush
        while !inFlight.isEmpty || !hot.intake.batch.isEmpty {
            // What cannot be flushed now is kept, and flushed by the next session.
            guard Self.monotonicMilliseconds < end else { return }
            session.flushPause.end()
            await session.silencePause.wait(Cadence.flush)
            try session.check()
        }
    }
}
