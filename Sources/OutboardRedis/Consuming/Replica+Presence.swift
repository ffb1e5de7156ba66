import NIOCore
import Outboard
import RedisClient

/// How a replica shows itself: lease, hash, announcements.
extension Replica {
    /// Lease and hash, as every second.
    func beat(on command: RedisConnection) async throws {
        let key = settings.names.replicas(name, type: P.Payload.eventType)
        let now = redisMilliseconds
        let replies = try await command.pipeline([
            RedisCommand("ZADD", key, "\(now + Lease.milliseconds)", id),
            RedisCommand("ZREMRANGEBYSCORE", key, "-inf", "(\(now - Lease.memoryMilliseconds)"),
        ]).get()
        for reply in replies { _ = try reply.get() }
        try await writeHash(on: command)
    }

    func endLease(on command: RedisConnection) async throws {
        let key = settings.names.replicas(name, type: P.Payload.eventType)
        _ = try await command.send(RedisCommand("ZADD", key, "\(redisMilliseconds)", id)).get()
        try await announce(.left, on: command)
    }

    func announce(_ kind: ControlMessage.Kind, on command: RedisConnection) async throws {
        let news = ControlMessage(plugin: name.rawValue, kind: kind, replica: id)
        _ = try await command.send(RedisCommand("PUBLISH", settings.names.control, try news.json())).get()
    }

    func writeHash(on command: RedisConnection) async throws {
        let figures = hot.intake.figures
        let key = settings.names.replica(name, id)
        let fields: [(String, String)] = [
            ("host", settings.host), ("pid", "\(settings.pid)"), ("version", manifest.version),
            ("state", state.rawValue), ("started", "\(startedAt)"),
            ("lanes", LaneList.text(state == .stopped ? [] : plan.heard, type: P.Payload.eventType)),
            ("received", "\(figures.received)"), ("handled", "\(figures.handled)"),
            ("failed", "\(figures.failed)"), ("malformed", "\(figures.malformed)"),
            ("missed", "\(figures.missed)"), ("let_go", "\(figures.letGo)"),
            ("lag_ms", "\(figures.lagMilliseconds)"),
            ("p50_us", "\(times.p50)"), ("p99_us", "\(times.p99)"), ("slow", "\(slow)"),
            ("memory", "\(ProcessMemory.resident ?? 0)"), ("revision", "\(control.revision)"),
            ("error", problem.isEmpty ? refusedConfiguration : problem),
        ]
        let replies = try await command.pipeline([
            RedisCommand(words: ["HSET", key] + fields.flatMap { [$0.0, $0.1] }),
            RedisCommand("EXPIRE", key, "10"),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }
}
