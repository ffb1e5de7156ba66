import Logging
import NIOCore
import Outboard
import RedisClient

/// What a publisher has said of itself in Redis.
struct PublisherRegistration {
    /// Milliseconds of Redis's clock at the registration of the present id; nil before.
    var started: Int64?
    /// When Redis last confirmed that the present id lives.
    var lastHeartbeat: ContinuousClock.Instant?

    /// Whether Redis may have forgotten the present id, or consumers may have closed its books.
    func isForgotten(after lifetime: Duration, now: ContinuousClock.Instant) -> Bool {
        lastHeartbeat.map { $0.duration(to: now) > lifetime } ?? false
    }
}

extension Publisher {
    /// Seconds that a record lives behind its last write.
    static var recordLifetime: Int { 7 * 86_400 }

    /// Asserts all that Redis is to know of this publisher; the first thing on every connection.
    func register(on connection: RedisConnection) async throws {
        if isForgotten { try takeNewID() }
        let now = try await redisTime(on: connection)
        try await BusAgreement.check(lanes: settings.lanes, names: settings.names, on: connection)
        if registration({ $0.started }) == nil {
            while try await !claimID(on: connection, now: now) { try takeNewID() }
            registration { $0.started = now }
        }
        let record = withOutbox { $0.rewind() }
        try await assert(record, on: connection)
        withOutbox { $0.booked(record) }
        try await heartbeat(on: connection, now: now)
    }

    /// - Returns: Whether nobody else has this id.
    private func claimID(on connection: RedisConnection, now: Int64) async throws -> Bool {
        let key = settings.names.publisher(id.text)
        // If its reply is lost, the next connection takes another id and nobody writes this record again.
        let replies = try await connection.pipeline([
            RedisCommand("HSETNX", key, RedisNames.Record.started, "\(now)"),
            RedisCommand("EXPIRE", key, "\(Self.recordLifetime)"),
        ]).get()
        for reply in replies { _ = try reply.get() }
        return try replies[0].get().int64() == 1
    }

    private func takeNewID() throws {
        var generator = SystemRandomNumberGenerator()
        let id = PublisherID(name: settings.name, using: &generator)
        let given = withOutbox { $0.dropped }
        try withOutbox { try $0.reissue(as: id) }
        registration { $0 = PublisherRegistration() }
        logger.notice(
            "publishing under a new id",
            metadata: ["publisher": "\(id)", "dropped": "\(withOutbox { $0.dropped } - given)"])
    }

    private func assert(_ record: Outbox.Record, on connection: RedisConnection) async throws {
        var arguments = RedisArguments()
        arguments.append(settings.names.publisher(id.text))
        let started = registration { $0.started } ?? 0
        for (field, value) in [
            (RedisNames.Record.started, "\(started)"), (RedisNames.Record.name, settings.name),
            (RedisNames.Record.host, settings.host), (RedisNames.Record.dropped, "\(withOutbox { $0.dropped })"),
        ] {
            arguments.append(field)
            arguments.append(value)
        }
        for (field, number) in record.fields {
            arguments.append(field)
            arguments.append(number)
        }
        _ = try await connection.send(RedisCommand("HSET", arguments: arguments)).get()
    }

    func heartbeat(on connection: RedisConnection, now: Int64) async throws {
        let names = settings.names
        let id = self.id.text
        let old = now - Int64(Self.recordLifetime) * 1_000
        let replies = try await connection.pipeline([
            RedisCommand("ZADD", names.publishers, "\(now)", id),
            RedisCommand("EXPIRE", names.publisher(id), "\(Self.recordLifetime)"),
            RedisCommand("ZREMRANGEBYSCORE", names.publishers, "-inf", "\(old)"),
        ]).get()
        for reply in replies { _ = try reply.get() }
        registration { $0.lastHeartbeat = .now }
    }

    func redisTime(on connection: RedisConnection) async throws -> Int64 {
        try RedisClock.milliseconds(try await connection.send(RedisCommand("TIME")).get())
    }

    // MARK: Receivers

    /// Publishes the first waiting event of each lane again and again until somebody hears that lane, 2 s at most:
    /// after a restart of Redis subscribers reconnect, too.
    func waitForReceivers(on connection: RedisConnection) async throws {
        var waiting = withOutbox { $0.firstWaitingOfEachLane() }[...]
        let deadline = ContinuousClock.now + settings.cadence.receiverWait
        while !waiting.isEmpty {
            var unheard: [(lane: Int, channel: String, bytes: [UInt8])] = []
            while !waiting.isEmpty {
                try checkIdentity()
                let part = Self.takePart(of: &waiting)
                let replies = try await connection.pipeline(part.map(Self.publish)).get()
                for (first, reply) in zip(part, replies) where try reply.get().int64() == 0 { unheard.append(first) }
            }
            waiting = unheard[...]
            if waiting.isEmpty || ContinuousClock.now >= deadline { return }
            try await Task.sleep(for: settings.cadence.receiverPoll)
        }
    }

    /// As much as fits the connection's outbox in any case.
    private static func takePart(
        of waiting: inout ArraySlice<(lane: Int, channel: String, bytes: [UInt8])>
    ) -> ArraySlice<(lane: Int, channel: String, bytes: [UInt8])> {
        var bytes = 0
        let part = waiting.prefix { first in
            bytes += first.bytes.count
            return bytes == first.bytes.count || bytes <= 4 << 20
        }
        waiting = waiting.dropFirst(part.count)
        return part
    }

    private static func publish(_ first: (lane: Int, channel: String, bytes: [UInt8])) -> RedisCommand {
        var arguments = RedisArguments()
        arguments.append(first.channel)
        first.bytes.withUnsafeBytes { arguments.append($0) }
        return RedisCommand("PUBLISH", arguments: arguments)
    }
}
