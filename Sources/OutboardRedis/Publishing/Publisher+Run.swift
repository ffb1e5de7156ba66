import Logging
import NIOCore
import Outboard
import RedisClient
import Synchronization

extension Publisher {
    /// Times of a publisher; docs/protocol.md, "Publisher".
    enum Cadence {
        static let record = Duration.milliseconds(50)
        static let heartbeat = Duration.seconds(1)
        static let receiverPoll = Duration.milliseconds(50)
        static let receiverWait = Duration.seconds(2)
        static let shutdown = Duration.seconds(3)
        /// Seconds that a record lives behind its last write.
        static let recordLifetime = 7 * 86_400
        /// A publisher without a heartbeat for so long may have been forgotten; it takes a new id.
        static let identityLifetime = Duration.seconds(12 * 3_600)
    }

    /// Keeps a connection to Redis and sends over it until the task is cancelled; then flushes what it can in 3 s.
    package func run() async throws {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var lastHeartbeat: ContinuousClock.Instant?
        var wasRefused = false
        while !Task.isCancelled {
            do {
                if let last = lastHeartbeat, last.duration(to: .now) > Cadence.identityLifetime {
                    try takeNewID(using: &generator)
                }
                try await runOneConnection {
                    lastHeartbeat = .now
                } connected: {
                    backoff.reset()
                    if wasRefused { logger.notice("Redis is back; sending what waited") }
                    wasRefused = false
                }
            } catch is CancellationError {
                break
            } catch {
                if !wasRefused {
                    logger.warning("no connection to Redis; events wait", metadata: ["error": "\(error)"])
                }
                wasRefused = true
            }
            if Task.isCancelled { break }
            try? await Task.sleep(for: backoff.next(using: &generator))  // only a cancellation ends it early
        }
    }

    private func takeNewID(using generator: inout SystemRandomNumberGenerator) throws {
        let id = PublisherID(name: settings.name, using: &generator)
        try withOutbox { try $0.reissue(as: id) }
    }

    /// One life of one connection: registration, wait for receivers, resend, then events until it breaks.
    private func runOneConnection(beat: () -> Void, connected: () -> Void) async throws {
        let connection = try await RedisConnection.connect(settings.redis, on: eventLoop, logger: logger).get()
        let link: NIOLoopBound<PublisherLink>
        do {
            try await register(on: connection)
            try await waitForReceivers(on: connection)
            link = try await open(connection)
        } catch {
            try? await connection.close().get()  // closing twice is no error worth telling
            throw error
        }
        beat()
        connected()
        isConnected.store(true, ordering: .relaxed)
        defer { isConnected.store(false, ordering: .relaxed) }
        let result: Result<Void, any Error>
        do {
            try await serve(connection, beat: beat)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        if Task.isCancelled { await flushBeforeShutdown(on: connection) }
        let refusal = try await eventLoop.submit {
            self.detach()
            return link.value.refusal
        }.get()
        try? await connection.close().get()  // closing twice is no error worth telling
        if let refusal { throw refusal }
        try result.get()
    }

    // MARK: Registration

    private func register(on connection: RedisConnection) async throws {
        let now = try await redisTime(on: connection)
        try await agreeOnLanes(on: connection)
        var fields = withOutbox { $0.rewind() }
        var id = self.id
        if !wasRegistered.load(ordering: .relaxed) {
            var generator = SystemRandomNumberGenerator()
            while try await connection.send(
                RedisCommand("HSETNX", settings.names.publisher(id.text), RedisNames.Record.started, "\(now)")
            ).get().int64() == 0 {
                try takeNewID(using: &generator)
                id = self.id
            }
            started.store(now, ordering: .relaxed)
            wasRegistered.store(true, ordering: .relaxed)
            fields = withOutbox { $0.rewind() }
        }
        try await assertRecord(fields, on: connection)
        try await heartbeat(on: connection, now: now)
    }

    private func assertRecord(
        _ fields: [(field: String, number: UInt64)], on connection: RedisConnection
    ) async throws {
        var arguments = RedisArguments()
        arguments.append(settings.names.publisher(id.text))
        for (field, value) in [
            (RedisNames.Record.started, "\(started.load(ordering: .relaxed))"),
            (RedisNames.Record.name, settings.name), (RedisNames.Record.host, settings.host),
            (RedisNames.Record.dropped, "\(withOutbox { $0.dropped })"),
        ] {
            arguments.append(field)
            arguments.append(value)
        }
        for (field, number) in fields {
            arguments.append(field)
            arguments.append(number)
        }
        _ = try await connection.send(RedisCommand("HSET", arguments: arguments)).get()
    }

    /// Makes sure that all processes on this bus count the same number of lanes.
    private func agreeOnLanes(on connection: RedisConnection) async throws {
        try await BusAgreement.check(lanes: settings.lanes, names: settings.names, on: connection)
    }

    // MARK: Receivers

    /// Publishes the first waiting event of each lane again and again until somebody hears that lane, 2 s at most:
    /// after a restart of Redis subscribers reconnect, too.
    private func waitForReceivers(on connection: RedisConnection) async throws {
        var waiting = withOutbox { $0.firstWaitingOfEachLane() }
        let deadline = ContinuousClock.now + Cadence.receiverWait
        while !waiting.isEmpty {
            let commands = waiting.map { first in
                var arguments = RedisArguments()
                arguments.append(first.channel)
                first.bytes.withUnsafeBytes { arguments.append($0) }
                return RedisCommand("PUBLISH", arguments: arguments)
            }
            let replies = try await connection.pipeline(commands).get()
            var unheard: [(lane: Int, channel: String, bytes: [UInt8])] = []
            for (first, reply) in zip(waiting, replies) where try reply.get().int64() == 0 { unheard.append(first) }
            waiting = unheard
            if waiting.isEmpty || ContinuousClock.now >= deadline { return }
            try await Task.sleep(for: Cadence.receiverPoll)
        }
    }

    private func open(_ connection: RedisConnection) async throws -> NIOLoopBound<PublisherLink> {
        let record = settings.names.publisher(id.text)
        let eventLoop = eventLoop
        return try await eventLoop.submit {
            let link = PublisherLink(connection: connection, record: record)
            self.attach(link)
            return NIOLoopBound(link, eventLoop: eventLoop)
        }.get()
    }

    // MARK: Serving

    private func serve(_ connection: RedisConnection, beat: () -> Void) async throws {
        var nextHeartbeat = ContinuousClock.now + Cadence.heartbeat
        while !Task.isCancelled {
            try await Task.sleep(for: Cadence.record)
            try await writeRecord(on: connection)
            guard ContinuousClock.now >= nextHeartbeat else { continue }
            nextHeartbeat = ContinuousClock.now + Cadence.heartbeat
            try await heartbeat(on: connection, now: try await redisTime(on: connection))
            beat()
        }
    }

    /// Books what was sent: the record goes into the pipeline behind the events that it counts.
    func writeRecord(on connection: RedisConnection) async throws {
        let dropped = withOutbox { $0.dropped }
        let key = settings.names.publisher(id.text)
        let written: EventLoopFuture<Int> = eventLoop.flatSubmit {
            let (fields, mark) = self.withOutbox { ($0.takeUnrecorded(), $0.sent) }
            guard !fields.isEmpty else { return self.eventLoop.makeSucceededFuture(0) }
            var arguments = RedisArguments()
            arguments.append(key)
            for (field, number) in fields {
                arguments.append(field)
                arguments.append(number)
            }
            arguments.append(RedisNames.Record.dropped)
            arguments.append(dropped)
            return connection.send(RedisCommand("HSET", arguments: arguments)).map { _ in mark }
        }
        let mark = try await written.get()
        if mark > 0 { withOutbox { $0.booked(mark) } }
    }

    private func heartbeat(on connection: RedisConnection, now: Int64) async throws {
        let names = settings.names
        let id = self.id.text
        let old = now - Int64(Cadence.recordLifetime) * 1_000
        let replies = try await connection.pipeline([
            RedisCommand("ZADD", names.publishers, "\(now)", id),
            RedisCommand("EXPIRE", names.publisher(id), "\(Cadence.recordLifetime)"),
            RedisCommand("ZREMRANGEBYSCORE", names.publishers, "-inf", "\(old)"),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }

    private func redisTime(on connection: RedisConnection) async throws -> Int64 {
        try RedisClock.milliseconds(try await connection.send(RedisCommand("TIME")).get())
    }

    // MARK: Shutdown

    /// Sends and books what waits, as far as three seconds allow. Runs in a cancelled task, so it only uses futures.
    private func flushBeforeShutdown(on connection: RedisConnection) async {
        let done = eventLoop.makePromise(of: Void.self)
        let deadline = NIODeadline.now() + .nanoseconds(3_000_000_000)
        eventLoop.execute { self.flushStep(connection, deadline, done) }
        try? await done.futureResult.get()  // the connection may be gone: then nothing more can be sent
    }

    private func flushStep(_ connection: RedisConnection, _ deadline: NIODeadline, _ done: EventLoopPromise<Void>) {
        flush()
        let written = eventLoop.makeFutureWithTask { try await self.writeRecord(on: connection) }
        written.whenComplete { result in
            let isEmpty = self.withOutbox { $0.count == 0 }
            if case .success = result, !isEmpty, NIODeadline.now() < deadline {
                self.eventLoop.scheduleTask(in: .milliseconds(5)) { self.flushStep(connection, deadline, done) }
            } else {
                done.completeWith(result)
            }
        }
    }
}
