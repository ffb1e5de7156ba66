import NIOCore
import OutboardRedis
import RedisClient

/// All plugins, and how many events a second each handles, from two looks.
struct RatedPlugins {
    /// All plugins at one moment by Redis's clock.
    struct Look {
        let milliseconds: Int64
        let plugins: [PluginSummary]

        static func read(_ names: RedisNames, on redis: RedisConnection) async throws -> Look {
            let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
            return Look(milliseconds: now, plugins: try await PluginReader(names: names, redis: redis).plugins())
        }
    }

    /// As they were at the second look.
    let plugins: [PluginSummary]
    /// Plugin → events handled a second; none where it cannot be known.
    let rates: [String: Int64]

    init(from first: Look, to second: Look) {
        plugins = second.plugins
        let before = Dictionary(first.plugins.map { ($0.name, $0.handled) }) { $1 }
        rates = second.plugins.reduce(into: [:]) { rates, plugin in
            // One that has registered in between had handled nothing.
            rates[plugin.name] = EventRate.perSecond(
                from: before[plugin.name] ?? 0, to: plugin.handled,
                milliseconds: second.milliseconds - first.milliseconds)
        }
    }
}
