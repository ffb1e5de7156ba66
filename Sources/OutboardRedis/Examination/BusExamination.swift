import NIOCore
import Outboard
import RedisClient

/// Reads what lies on a bus; it changes nothing.
struct BusExamination {
    /// How long it looks whether a publisher without heartbeats publishes.
    private static let pause = Duration.milliseconds(1_200)
    private static let heartbeatLimit: Int64 = 5_000

    private let redis: RedisConnection
    private let names: RedisNames

    init(_ redis: RedisConnection, names: RedisNames) {
        self.redis = redis
        self.names = names
    }

    /// - Parameter wantedLanes: `OUTBOARD_LANES` of this shell, where it is set.
    /// - Throws: `RedisError` if Redis cannot be asked.
    func facts(wantedLanes: Int?) async throws -> BusFacts {
        var facts = BusFacts()
        facts.wantedLanes = wantedLanes
        for (key, wanted) in [(names.bus, "hash"), (names.publishers, "zset"), (names.plugins, "set")] {
            let kind = try await redis.send(RedisCommand("TYPE", key)).get().string()
            if kind != "none", kind != wanted { facts.wrongKeys.append(.init(key: key, kind: kind, wanted: wanted)) }
        }
        // What follows reads these three.
        guard facts.wrongKeys.isEmpty else { return facts }
        facts.lanes = try await redis.send(RedisCommand("HGET", names.bus, RedisNames.lanes)).get().stringOrNil()
        facts.publishers = try await publishers(&facts.wrongKeys)
        for plugin in try await BookReader(names: names, redis: redis).plugins() {
            facts.plugins.append(try await self.plugin(plugin))
        }
        return facts
    }

    // MARK: Publishers

    private func publishers(_ wrongKeys: inout [BusFacts.WrongKey]) async throws -> [BusFacts.Publisher] {
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        let beats = try await redis.send(RedisCommand("ZRANGE", names.publishers, "0", "-1", "WITHSCORES")).get()
        var ages: [String: Int64] = [:]
        for (id, score) in try beats.stringPairs() {
            ages[id] = Double(score).flatMap { Int64(exactly: $0.rounded()) }.map { max(0, now - $0) }
        }
        let prefix = names.publisher("")
        let keys = try await PluginReader(names: names, redis: redis).keys(beginningWith: prefix)
        var found: [BusFacts.Publisher] = []
        for key in keys {
            guard let record = try await record(key) else {
                let kind = try await redis.send(RedisCommand("TYPE", key)).get().string()
                wrongKeys.append(.init(key: key, kind: kind, wanted: "hash"))
                continue
            }
            var publisher = BusFacts.Publisher(id: String(key.dropFirst(prefix.count)))
            publisher.heartbeatAge = ages[publisher.id]
            publisher.dropped = record[RedisNames.Record.dropped].flatMap { Int64($0) } ?? 0
            publisher.numbers = Self.numbers(record)
            found.append(publisher)
        }
        return try await watchingStale(found)
    }

    /// Looks again at those that seem dead: one whose record moves is not.
    private func watchingStale(_ publishers: [BusFacts.Publisher]) async throws -> [BusFacts.Publisher] {
        guard publishers.contains(where: { ($0.heartbeatAge ?? .max) > Self.heartbeatLimit }) else { return publishers }
        try await Task.sleep(for: Self.pause)
        var publishers = publishers
        for (index, publisher) in publishers.enumerated() where (publisher.heartbeatAge ?? .max) > Self.heartbeatLimit {
            guard let record = try await record(names.publisher(publisher.id)) else { continue }
            publishers[index].isMoving = Self.numbers(record).contains { $0.value > publisher.numbers[$0.key] ?? 0 }
        }
        return publishers
    }

    /// Nil where the key is no hash.
    private func record(_ key: String) async throws -> [String: String]? {
        do {
            return Dictionary(try await redis.send(RedisCommand("HGETALL", key)).get().stringPairs()) { $1 }
        } catch let error as RedisError where error.serverCode == "WRONGTYPE" {
            return nil
        }
    }

    private static func numbers(_ record: [String: String]) -> [String: Int64] {
        record.filter { $0.key.contains("/") }.compactMapValues { Int64($0) }
    }

    // MARK: Plugins

    private func plugin(_ name: PluginName) async throws -> BusFacts.Plugin {
        let reader = PluginReader(names: names, redis: redis)
        var facts = BusFacts.Plugin(
            detail: try await reader.detail(of: name),
            audit: PluginAudit(try await BookReader(names: names, redis: redis).books(of: name)))
        let channels = (facts.detail.manifest?.subscribes ?? []).flatMap { type in
            (0..<max(0, min(facts.detail.lanes ?? 0, 1_024))).map { names.events(type: type, lane: $0) }
        }
        guard !channels.isEmpty else { return facts }
        let counts = try await redis.send(RedisCommand(words: ["PUBSUB", "NUMSUB"] + channels)).get().stringPairs()
        facts.unheard = counts.filter { $0.1 == "0" }.map(\.0)
        return facts
    }
}
