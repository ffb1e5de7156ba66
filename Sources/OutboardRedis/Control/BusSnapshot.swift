import NIOCore
import Outboard
package import RedisClient

/// A bus at one moment: its plugins, its publishers and the memory of its Redis.
///
/// As JSON it has `time_ms`, `publishers`, `memory_bytes` and `plugins`; where Redis is, is nothing that others need to know.
package struct BusSnapshot: Sendable, Encodable {
    /// By Redis's clock, in milliseconds since the Unix epoch.
    package var milliseconds: Int64
    /// Where Redis is, without credentials.
    package var place: String
    /// Bytes that Redis uses; nil where we may not ask.
    package var memory: Int64?
    /// Publishers with a heartbeat in the last five seconds.
    package var publishers: Int
    package var plugins: [PluginDetail]

    private static let heartbeatMilliseconds: Int64 = 5_000

    private enum CodingKeys: String, CodingKey {
        case publishers, plugins
        case milliseconds = "time_ms"
        case memory = "memory_bytes"
    }

    package init(milliseconds: Int64, place: String, memory: Int64?, publishers: Int, plugins: [PluginDetail]) {
        self.milliseconds = milliseconds
        self.place = place
        self.memory = memory
        self.publishers = publishers
        self.plugins = plugins
    }

    /// Looks at the bus; it only reads.
    ///
    /// - Throws: `RedisError`.
    package static func read(_ configuration: BusConfiguration, on redis: RedisConnection) async throws -> BusSnapshot {
        let names = configuration.names
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        let alive = RedisCommand("ZCOUNT", names.publishers, "\(now - heartbeatMilliseconds)", "+inf")
        let reader = PluginReader(names: names, redis: redis)
        var plugins: [PluginDetail] = []
        for plugin in try await BookReader(names: names, redis: redis).plugins() {
            plugins.append(try await reader.detail(of: plugin))
        }
        return BusSnapshot(
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
