import NIOCore
package import Outboard
package import RedisClient

/// Finds out which types of events there are on a bus: what publishers have recorded and what plugins hear.
package struct EventTypes {
    /// Records that are read at most: looking must not become a load.
    private static let publishers = 1_000

    private let redis: RedisConnection
    private let names: RedisNames

    package init(_ redis: RedisConnection, names: RedisNames) {
        self.redis = redis
        self.names = names
    }

    /// What some plugin hears.
    package func heard() async throws -> Set<String> {
        var types: Set<String> = []
        let reader = PluginReader(names: names, redis: redis)
        for plugin in try await BookReader(names: names, redis: redis).plugins() {
            types.formUnion(try await reader.manifest(of: plugin)?.subscribes ?? [])
        }
        return types
    }

    /// Plugins that hear a type, in order.
    package func plugins(hearing type: String) async throws -> [PluginName] {
        var hearing: [PluginName] = []
        let reader = PluginReader(names: names, redis: redis)
        for plugin in try await BookReader(names: names, redis: redis).plugins()
        where try await reader.manifest(of: plugin)?.subscribes?.contains(type) == true {
            hearing.append(plugin)
        }
        return hearing
    }

    /// What is heard, or was published by somebody who lived within that time, and `http.request` in any case.
    package func all(publishedWithin time: Duration) async throws -> Set<String> {
        var types = try await heard().union([HTTPRequest.eventType])
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        let start = now - Int64(time / .milliseconds(1))
        let newest = ["ZREVRANGEBYSCORE", names.publishers, "+inf", "\(start)", "LIMIT", "0", "\(Self.publishers)"]
        let publishers = try await redis.send(RedisCommand(words: newest)).get().array()
        let keys = try publishers.map { names.publisher(try $0.string()) }
        for record in try await redis.pipeline(keys.map { RedisCommand("HKEYS", $0) }).get() {
            // A record of the wrong type names no types; 'outboard doctor' tells.
            for field in (try? record.get().array()) ?? [] {
                let text = try field.string()
                guard let slash = text.lastIndex(of: "/"), EventType.isValid(text[..<slash].utf8) else { continue }
                types.insert(String(text[..<slash]))
            }
        }
        return types
    }

    /// The lanes of each type, as the bus has agreed; the default before any process has come.
    package func lanes() async throws -> Int {
        let lanes = try await PluginReader(names: names, redis: redis).lanes() ?? LaneRule.defaultCount
        return min(max(1, lanes), 1_024)
    }

    /// The channels of all lanes of a type.
    package func channels(of type: String, lanes: Int) -> [String] {
        (0..<lanes).map { names.events(type: type, lane: $0) }
    }
}
