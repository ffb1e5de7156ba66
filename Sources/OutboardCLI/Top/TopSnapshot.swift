import NIOCore
import Outboard
import OutboardRedis
import RedisClient

/// A bus at one moment, as `outboard top` shows it.
struct TopSnapshot: Sendable {
    /// By Redis's clock, in milliseconds.
    var milliseconds: Int64
    var place: String
    /// Bytes that Redis uses; nil where we may not ask.
    var memory: Int64?
    /// Publishers with a heartbeat in the last five seconds.
    var publishers: Int
    var plugins: [PluginDetail]

    private static let heartbeatMilliseconds: Int64 = 5_000

    static func read(_ configuration: BusConfiguration, on redis: RedisConnection) async throws -> TopSnapshot {
        let names = configuration.names
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        let alive = RedisCommand("ZCOUNT", names.publishers, "\(now - heartbeatMilliseconds)", "+inf")
        let reader = PluginReader(names: names, redis: redis)
        var plugins: [PluginDetail] = []
        for plugin in try await BookReader(names: names, redis: redis).plugins() {
            plugins.append(try await reader.detail(of: plugin))
        }
        return TopSnapshot(
            milliseconds: now, place: configuration.place, memory: try await memory(redis),
            publishers: Int(try await redis.send(alive).get().int64()), plugins: plugins)
    }

    private static func memory(_ redis: RedisConnection) async throws -> Int64? {
        do {
            let info = try await redis.send(RedisCommand("INFO", "memory")).get().string()
            let field = "used_memory:"
            return info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(field) }
                .flatMap { Int64($0.dropFirst(field.count)) }
        } catch let error as RedisError where error.code == .serverReply {
            return nil
        }
    }
}
