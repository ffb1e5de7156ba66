import Logging
import NIOCore
import Outboard
import RedisClient
import Synchronization

extension Publisher {
    /// Keeps a connection to Redis and sends over it until the task is cancelled; then flushes what it can in 3 s.
    ///
    /// - Throws: `SettingsError` if this process does not fit the bus. Whatever else goes wrong is tried again.
    package func run() async throws {
        try await withTaskExecutorPreference(EventLoopTaskExecutor(eventLoop)) { try await useConnections() }
    }

    private func useConnections() async throws {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var isLost = false
        while !Task.isCancelled {
            do {
                try await useOneConnection {
                    backoff.reset()
                    if isLost { logger.notice("Redis is back; sending what waited") }
                    isLost = false
                }
            } catch is CancellationError {
                break
            } catch let error as SettingsError {
                throw error
            } catch {
                if !isLost, !Task.isCancelled {
                    logger.warning("no connection to Redis; events wait", metadata: ["error": "\(error)"])
                }
                isLost = true
            }
            if Task.isCancelled { break }
            try? await Task.sleep(for: backoff.next(using: &generator))  // only a cancellation ends it early
        }
        await flushOverNewConnections()
    }

    /// One life of one connection: registration, wait for receivers, resend, then events until it breaks.
    private func useOneConnection(connected: () -> Void) async throws {
        try await withConnection { connection in
            connected()
            do {
                try await serve(connection)
            } catch is CancellationError {
                await flush(over: connection)
            }
        }
    }

    /// Opens a connection for events, lends it, and closes it: at the end of a shutdown in any case.
    private func withConnection(
        until deadline: NIODeadline? = nil, _ body: (RedisConnection) async throws -> Void
    ) async throws {
        var redis = settings.redis
        if let deadline {
            redis.connectTimeout = min(redis.connectTimeout, .nanoseconds((deadline - .now()).nanoseconds))
        }
        let connection = try await RedisConnection.connect(redis, on: eventLoop, logger: logger).get()
        if let deadline { close(connection, at: deadline) }
        let result: Result<Void, any Error>
        do {
            try await withTaskCancellationHandler {
                try await register(on: connection)
                try await waitForReceivers(on: connection)
                try await open(connection)
                isConnected.store(true, ordering: .relaxed)
                try await body(connection)
            } onCancel: {
                close(connection, at: shutdownDeadline())
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        isConnected.store(false, ordering: .relaxed)
        let refusal = try await eventLoop.submit { self.detach() }.get()
        try? await connection.close().get()  // closing twice is no error worth telling
        if let refusal { throw refusal }
        try result.get()
    }

    /// What waits for an answer then fails, so that no wait is longer.
    private func close(_ connection: RedisConnection, at deadline: NIODeadline) {
        eventLoop.scheduleTask(deadline: deadline) { _ = connection.close() }
    }

    /// Opens the gate: what was dropped since the registration is recorded, then everything that waits goes out.
    private func open(_ connection: RedisConnection) async throws {
        let recorded = eventLoop.flatSubmit {
            let link = PublisherLink(connection: connection, record: self.settings.names.publisher(self.id.text))
            self.attach(link)
            // Nothing is on the wire yet, so this record holds nothing but drops.
            let recorded = self.sendRecord(over: link)
            self.flush()
            return recorded
        }
        try await recorded.get()
    }

    // MARK: Serving

    /// - Throws: When the connection is of no use any more; `CancellationError` at a shutdown.
    private func serve(_ connection: RedisConnection) async throws {
        var nextHeartbeat = ContinuousClock.now + settings.cadence.heartbeat
        while true {
            try await waitForRecord()
            try Task.checkCancellation()
            try checkIdentity()
            try await writeRecord()
            guard ContinuousClock.now >= nextHeartbeat else { continue }
            nextHeartbeat = ContinuousClock.now + settings.cadence.heartbeat
            try await heartbeat(on: connection, now: try await redisTime(on: connection))
        }
    }

    /// Books what was sent: the record goes into the pipeline behind the events that it counts.
    private func writeRecord() async throws {
        try await eventLoop.flatSubmit {
            do {
                return self.sendRecord(over: try self.openLink())
            } catch {
                return self.eventLoop.makeFailedFuture(error)
            }
        }.get()
    }

    private func sendRecord(over link: PublisherLink) -> EventLoopFuture<Void> {
        let (record, dropped) = withOutbox { ($0.takeRecord(), $0.dropped) }
        guard !record.isEmpty else { return eventLoop.makeSucceededVoidFuture() }
        let bound = NIOLoopBound(link, eventLoop: eventLoop)
        return link.write(record.fields + [(RedisNames.Record.dropped, dropped)]).flatMapThrowing {
            // A refused message before this record makes it worth nothing.
            if let refusal = bound.value.refusal { throw refusal }
            self.withOutbox { $0.booked(record) }
        }
    }

    // MARK: Shutdown

    /// Sends and books what waits, as far as the time of a shutdown allows.
    private func flush(over connection: RedisConnection) async {
        // Its caller is cancelled, this task is not; it is waited for, and ends with its connection at the deadline.
        let drained = Task {
            while withOutbox({ $0.count }) > 0 {
                try await eventLoop.submit { self.flush() }.get()
                try await writeRecord()
                // Its answer comes behind those to all that was sent: the window has room again.
                _ = try await connection.send(RedisCommand("PING")).get()
            }
        }
        // A connection that broke meanwhile is followed by new ones, while there is time.
        try? await drained.value
    }

    /// The last chance of what waits although there is no connection.
    private func flushOverNewConnections() async {
        let deadline = shutdownDeadline()
        // Not cancelled, unlike its caller, who waits for it.
        await Task {
            var backoff = Backoff(limit: .milliseconds(200))
            var generator = SystemRandomNumberGenerator()
            while withOutbox({ $0.count }) > 0, NIODeadline.now() < deadline {
                do {
                    try await withConnection(until: deadline) { connection in await flush(over: connection) }
                } catch {
                    logger.debug("the last events wait for a connection", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: backoff.next(using: &generator))  // nobody cancels this task
                }
            }
        }.value
        let left = withOutbox { $0.count }
        if left > 0 {
            logger.warning("events could not be sent before the end", metadata: ["events": "\(left)"])
        }
    }
}
