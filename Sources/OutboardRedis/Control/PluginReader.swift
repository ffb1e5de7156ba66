import NIOCore
package import Outboard
package import RedisClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads what is known of plugins over one connection; the command line and the admin API show the same values.
///
/// It only reads. What cannot be read as what it should be is left out, because one damaged key must not hide the rest;
/// `BookReader` and `outboard doctor` say what is damaged.
package struct PluginReader: Sendable {
    let names: RedisNames
    let redis: RedisConnection

    package init(names: RedisNames, redis: RedisConnection) {
        self.names = names
        self.redis = redis
    }

    /// All plugins that ever registered, by name.
    package func plugins() async throws -> [PluginSummary] {
        var summaries: [PluginSummary] = []
        for name in try await BookReader(names: names, redis: redis).plugins() {
            summaries.append(try await detail(of: name).plugin)
        }
        return summaries
    }

    /// Everything but the counters of one plugin, which need not have registered.
    package func detail(of plugin: PluginName) async throws -> PluginDetail {
        let manifest = try await manifest(of: plugin)
        let control = PluginControl(fields: try await texts(names.pluginControl(plugin)))
        let replicas = try await replicas(of: plugin, types: manifest?.subscribes ?? [])
        let crashLoops = try await crashLoops(of: plugin)
        let books = BookSums(PluginAudit(try await BookReader(names: names, redis: redis).books(of: plugin)))
        return PluginDetail(
            plugin: PluginSummary(
                plugin, manifest: manifest, control: control, replicas: replicas, crashLoops: crashLoops, books: books),
            manifest: manifest, control: control, settings: manifest?.settings(changed: control.config) ?? [],
            replicas: replicas, crashLoops: crashLoops, books: books, lanes: try await lanes())
    }

    /// Lanes of each type; nil before any process has come to this bus.
    package func lanes() async throws -> Int? {
        try await texts(names.bus)[RedisNames.lanes].flatMap { Int($0) }
    }

    /// Nil where there is no manifest that can be read.
    package func manifest(of plugin: PluginName) async throws -> ManifestSummary? {
        do {
            let text = try await redis.send(RedisCommand("GET", names.manifest(plugin))).get().stringOrNil()
            return text.flatMap { try? JSONDecoder().decode(ManifestSummary.self, from: Data($0.utf8)) }
        } catch let error as RedisError where error.serverCode == "WRONGTYPE" {
            return nil
        }
    }

    /// The replicas with a lease, or with one that has ended within the last ten seconds and a hash that is still there.
    package func replicas(of plugin: PluginName, types: [String]) async throws -> [ReplicaSummary] {
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        var ends: [String: Int64] = [:]
        for type in types {
            let key = names.replicas(plugin, type: type)
            for (id, score) in try await pairs(RedisCommand("ZRANGE", key, "0", "-1", "WITHSCORES")) {
                // Ends are whole numbers below 2^53, which Redis writes as such.
                ends[id] = max(ends[id] ?? 0, Double(score).flatMap { Int64(exactly: $0.rounded()) } ?? 0)
            }
        }
        let ids = ends.keys.sorted()
        let hashes = try await redis.pipeline(ids.map { RedisCommand("HGETALL", names.replica(plugin, $0)) }).get()
        return zip(ids, hashes).compactMap { id, reply in
            let fields = (try? reply.get().stringPairs()) ?? []  // a key of another type shows nothing
            let isLive = (ends[id] ?? 0) > now
            guard isLive || !fields.isEmpty else { return nil }
            return ReplicaSummary(id: id, fields: Dictionary(fields) { $1 }, isLive: isLive)
        }
    }

    // MARK: Replies

    /// The pairs of a reply; empty where the key has another type.
    func pairs(_ command: RedisCommand) async throws -> [(String, String)] {
        do {
            return try await redis.send(command).get().stringPairs()
        } catch let error as RedisError where error.serverCode == "WRONGTYPE" {
            return []
        }
    }

    func texts(_ key: String) async throws -> [String: String] {
        Dictionary(try await pairs(RedisCommand("HGETALL", key))) { $1 }
    }

    /// A hash of numbers; a value that is no number is no counter.
    func numbers(_ key: String) async throws -> [String: Int64] {
        try await texts(key).compactMapValues { Int64($0) }
    }

    /// All keys that begin with a text, in order.
    package func keys(beginningWith prefix: String) async throws -> [String] {
        var found: Set<String> = []
        var cursor = "0"
        repeat {
            let reply = try await redis.send(RedisCommand("SCAN", cursor, "MATCH", prefix + "*", "COUNT", "1000")).get()
                .array()
            guard reply.count == 2 else {
                throw RedisError(code: .unexpectedReply, message: "SCAN answers with a cursor and keys")
            }
            cursor = try reply[0].string()
            for key in try reply[1].array() { found.insert(try key.string()) }
        } while cursor != "0"
        return found.sorted()
    }
}
