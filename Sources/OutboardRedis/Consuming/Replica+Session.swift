import Logging
import NIOCore
import Outboard
import RedisClient

/// The two connections of one session.
struct ReplicaConnections: Sendable {
    let command: RedisConnection
    let subscription: RedisSubscription

    func close() async {
        try? await subscription.close().get()  // closing twice is no error worth telling
        try? await command.close().get()  // likewise
    }
}

extension Replica {
    /// Times of a session; docs/protocol.md, "Shared delivery".
    enum Cadence {
        static var flush: Duration { .milliseconds(50) }
        static var heartbeat: Duration { .seconds(1) }
        static var probe: Duration { .seconds(2) }
        /// How long a leaving replica goes on hearing.
        static var drain: Duration { .seconds(2) }
        static var probeGrace: Int64 { 3_000 }
    }

    func runSession(_ succeeded: () -> Void) async throws {
        let redis = settings.redis
        let command = try await RedisConnection.connect(redis, on: eventLoop, logger: logger).get()
        let subscription: RedisSubscription
        do {
            subscription = try await subscribe()
        } catch {
            try? await command.close().get()  // it is of no use alone
            throw error
        }
        let connections = ReplicaConnections(command: command, subscription: subscription)
        do {
            try await enter(connections)
            succeeded()
            try await serve(connections)
        } catch {
            if Task.isCancelled { await leave(connections) }
            await connections.close()
            throw error
        }
        await connections.close()
    }

    private func subscribe() async throws -> RedisSubscription {
        let intake = intake
        let prefix = Array(settings.names.eventsPrefix(type: P.Payload.eventType).utf8)
        let redis = settings.redis
        let logger = logger
        let eventLoop = eventLoop
        let lanes = settings.lanes
        return try await eventLoop.flatSubmit {
            let hot = intake.value
            return RedisSubscription.connect(redis, on: eventLoop, logger: logger) { [weak self] channel, payload in
                if let lane = LaneChannel.lane(channel, prefix: prefix), lane < lanes {
                    hot.receive(payload, lane: lane)
                } else if let number = UInt64(String(decoding: payload, as: UTF8.self)) {
                    self?.assumeIsolated { $0.heardProbe(number) }
                }
            }
        }.get()
    }

    // MARK: Entering

    /// Registers, hears everything, and only then reads what it may go on from.
    private func enter(_ connections: ReplicaConnections) async throws {
        let command = connections.command
        try await BusAgreement.check(lanes: settings.lanes, names: settings.names, on: command)
        try await register(on: command)
        let hearing = HearingPlan.lanes(count: settings.lanes)
        let channels = hearing.map { settings.names.events(type: P.Payload.eventType, lane: $0.lane) }
        try await connections.subscription.subscribe(channels + [settings.names.probe(name, id)]).get()
        let heardAt = try await readClock(on: command)
        hearingSince = Self.monotonicMilliseconds
        tick()
        try await readRecords(on: command)
        try await readSince(heardAt, on: command)
        try await readFences(on: command)
        try await prove(on: command)
        try await writeLease(on: command)
        becomeReady()
        try await writeHash(on: command)
    }

    private func register(on command: RedisConnection) async throws {
        let known = try await command.send(RedisCommand("GET", settings.names.manifest(name))).get()
        try ManifestRegistry.check(known, against: manifest)
        let replies = try await command.pipeline([
            RedisCommand("SADD", settings.names.plugins, name.rawValue),
            RedisCommand("SET", settings.names.manifest(name), try ManifestRegistry.json(manifest, of: P.self)),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }

    @discardableResult
    private func readClock(on command: RedisConnection) async throws -> Int64 {
        let now = try RedisClock.milliseconds(try await command.send(RedisCommand("TIME")).get())
        clockOffset = now - Self.wallMilliseconds
        return now
    }

    private func readSince(_ heardAt: Int64, on command: RedisConnection) async throws {
        var arguments = RedisArguments()
        arguments.append(P.Payload.eventType)
        arguments.append(heardAt)
        for source in intake.value.sources where source.recorded == 0 { arguments.append(source.text) }
        since = try await command.evaluate(Scripts.since, keys: [settings.names.prefix(name)], arguments: arguments)
            .get().int64()
    }

    private func readFences(on command: RedisConnection) async throws {
        let reply = try await command.send(RedisCommand("HGETALL", settings.names.book(name, .applied))).get()
        for (text, number) in try reply.stringPairs() {
            guard let fence = UInt64(number) else {
                throw RedisError(
                    code: .unexpectedReply,
                    message: "the fence of \(text) is '\(number)', not a number; mend or delete that field")
            }
            guard let source = EventSource(text), source.type == P.Payload.eventType, source.lane < settings.lanes
            else { continue }
            let index = intake.value.addSource(publisher: source.publisher, lane: source.lane)
            intake.value.settle(index, fence: fence)
        }
        for index in intake.value.sources.indices { intake.value.drain(index) }
    }

    // MARK: Serving

    /// Flushes and beats until something breaks or the task is cancelled.
    private func serve(_ connections: ReplicaConnections) async throws {
        var nextHeartbeat = ContinuousClock.now + Cadence.heartbeat
        while true {
            try await Task.sleep(for: Cadence.flush)
            try await work(on: connections.command)
            guard ContinuousClock.now >= nextHeartbeat else { continue }
            nextHeartbeat = ContinuousClock.now + Cadence.heartbeat
            try await readClock(on: connections.command)
            try await readRecords(on: connections.command)
            try await prove(on: connections.command)
            try await writeLease(on: connections.command)
            try await writeHash(on: connections.command)
        }
    }

    /// What is due at every flush: fences for new sources, effects, holes.
    func work(on command: RedisConnection) async throws {
        tick()
        try await admitSources(on: command)
        try await flush(on: command)
        try await declareHoles(on: command)
    }

    // MARK: Leaving

    /// Gives the lease up, goes on hearing for two seconds, flushes, and says goodbye. Runs in a cancelled task, whose
    /// sleeps end at once, so its pauses are timers of the event loop.
    private func leave(_ connections: ReplicaConnections) async {
        let command = connections.command
        state = .draining
        do {
            try await endLease(on: command)
            try await writeHash(on: command)
            let end = ContinuousClock.now + Cadence.drain
            repeat {
                try await eventLoop.scheduleTask(in: .milliseconds(50)) {}.futureResult.get()
                try await work(on: command)
            } while ContinuousClock.now < end
            try await connections.subscription.close().get()
            try await work(on: command)
            state = .stopped
            try await writeHash(on: command)
        } catch {
            logger.warning("could not flush before the end", metadata: ["error": "\(error)"])
        }
    }
}

/// Reads the number of a lane at the end of a channel's name.
enum LaneChannel {
    static func lane(_ channel: UnsafeRawBufferPointer, prefix: [UInt8]) -> Int? {
        guard channel.count > prefix.count, channel.count <= prefix.count + 6 else { return nil }
        let head = UnsafeRawBufferPointer(rebasing: channel[..<prefix.count])
        guard prefix.withUnsafeBytes({ Bytes.equal($0, head) }) else { return nil }
        var lane = 0
        for byte in channel[prefix.count...] {
            guard byte.isDigit else { return nil }
            lane = lane * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return lane
    }
}
