import Logging
import NIOCore
import Outboard
import RedisClient

/// Publishers that are gone for good: their books become totals, and they never come back.
extension Replica {
    /// Looks every ten seconds for publishers without a heartbeat for a day whose events are all dealt with.
    func forgetPublishers(on command: RedisConnection) async throws {
        let now = Self.monotonicMilliseconds
        guard now - session.lookedForForgotten >= Cadence.forgetting else { return }
        session.lookedForForgotten = now
        try await readRetired(on: command)
        let silent = records.heartbeats.filter { $0.value < redisMilliseconds - Self.silence }.keys.sorted()
        for publisher in silent { try await forget(publisher, on: command) }
    }

    /// Reads which publishers were forgotten.
    func readRetired(on command: RedisConnection) async throws {
        let reply = try await command.send(RedisCommand("ZRANGE", settings.names.retired(name), "0", "-1")).get()
        hot.intake.retire(Set(try reply.array().map { try $0.string() }))
    }

    /// Milliseconds without a heartbeat after which a publisher is forgotten.
    private static var silence: Int64 { 24 * 3_600_000 }

    /// Forgets a publisher if one fresh look, by Redis's own clock, says that it may: this cannot be taken back.
    private func forget(_ publisher: String, on command: RedisConnection) async throws {
        let sources = (0..<settings.lanes).map { "/\(publisher)/\(P.Payload.eventType)/\($0)" }
        let replies = try await command.pipeline([
            RedisCommand("TIME"), RedisCommand("ZSCORE", settings.names.publishers, publisher),
            RedisCommand("HGETALL", settings.names.publisher(publisher)),
            RedisCommand(words: ["HMGET", settings.names.book(name, .applied)] + sources),
        ]).get().map { try $0.get() }
        let now = try RedisClock.milliseconds(replies[0])
        guard let beat = try replies[1].stringOrNil().flatMap({ Int64($0) }), beat < now - Self.silence else { return }
        let record = try PublisherRecord(replies[2], type: P.Payload.eventType)
        var arguments = RedisArguments()
        arguments.append(publisher)
        arguments.append(now)
        for (lane, fence) in try replies[3].array().enumerated() {
            let fence = try fence.stringOrNil() ?? ""
            // Not at rest: something that the record counts is not dealt with yet.
            guard record.numbers[lane, default: 0] <= UInt64(fence) ?? 0 else { return }
            arguments.append(sources[lane])
            arguments.append(fence)
        }
        let reply = try await command.evaluate(
            Scripts.forget, keys: [settings.names.prefix(name)], arguments: arguments
        ).get().int64()
        guard reply == 1 else { return }
        hot.intake.retire(hot.intake.retired.union([publisher]))
        logger.info("publisher forgotten; its books are in the totals", metadata: ["publisher": "\(publisher)"])
    }
}
