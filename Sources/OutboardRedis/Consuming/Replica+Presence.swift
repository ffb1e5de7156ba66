import NIOCore
import Outboard
import RedisClient

/// How a replica shows itself: lease, hash, announcements.
extension Replica {
    func writeLease(on command: RedisConnection) async throws {
        let key = settings.names.replicas(name, type: P.Payload.eventType)
        let now = redisMilliseconds
        let replies = try await command.pipeline([
            RedisCommand("ZADD", key, "\(now + Lease.milliseconds)", id),
            RedisCommand("ZREMRANGEBYSCORE", key, "-inf", "(\(now - Lease.memoryMilliseconds)"),
            RedisCommand("ZRANGE", key, "0", "-1"),
        ]).get()
        for reply in replies { _ = try reply.get() }
        otherLeases = try replies[2].get().array().map { try $0.string() }.filter { $0 != id }.count
    }

    func endLease(on command: RedisConnection) async throws {
        let key = settings.names.replicas(name, type: P.Payload.eventType)
        let news = ControlMessage(plugin: name.rawValue, kind: .left, replica: id)
        let replies = try await command.pipeline([
            RedisCommand("ZADD", key, "\(redisMilliseconds)", id),
            RedisCommand("PUBLISH", settings.names.control, try news.json()),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }

    func writeHash(on command: RedisConnection) async throws {
        let figures = intake.value.figures
        let key = settings.names.replica(name, id)
        let hears = state == .running || state == .failed || state == .draining
        let lanes = hears ? (0..<settings.lanes).map { "\(P.Payload.eventType):\($0)" }.joined(separator: " ") : ""
        let fields: [(String, String)] = [
            ("host", settings.host), ("pid", "\(settings.pid)"), ("version", manifest.version),
            ("state", state.rawValue), ("started", "\(startedAt)"), ("lanes", lanes),
            ("received", "\(figures.received)"), ("handled", "\(figures.handled)"),
            ("failed", "\(figures.failed)"), ("malformed", "\(figures.malformed)"),
            ("missed", "\(figures.missed)"), ("let_go", "\(figures.letGo)"),
            ("lag_ms", "\(figures.lagMilliseconds)"), ("revision", "0"), ("error", problem),
        ]
        let replies = try await command.pipeline([
            RedisCommand(words: ["HSET", key] + fields.flatMap { [$0.0, $0.1] }),
            RedisCommand("EXPIRE", key, "10"),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }
}
