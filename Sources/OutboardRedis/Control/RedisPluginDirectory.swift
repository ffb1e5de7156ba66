package import Logging
package import NIOCore
package import Outboard
import RedisClient
import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the directory from Redis, over one connection that is opened when it is first needed.
///
/// Every question ends within the deadlines of `RedisSettings`; without Redis it fails with `RedisError`.
package actor RedisPluginDirectory: PluginDirectory, Service {
    /// The part of a manifest that a list shows.
    private struct Manifest: Decodable {
        let version: String?
        let summary: String?
        let subscribes: [String]?
        let delivery: String?
    }

    private let configuration: BusConfiguration
    private let eventLoop: any EventLoop
    private let logger: Logger
    private var connection: EventLoopFuture<RedisConnection>?

    package init(_ configuration: BusConfiguration, eventLoop: any EventLoop, logger: Logger) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// Closes the connection on a graceful shutdown.
    package func run() async throws {
        do {
            try await gracefulShutdown()
        } catch is CancellationError {}  // either way the connection ends now
        guard let open = connection else { return }
        connection = nil
        // One that never came about needs no end.
        try? await open.flatMap { $0.close() }.get()
    }

    package func plugins() async throws -> [PluginSummary] {
        try await asking { try await self.plugins($0) }
    }

    package func counters(of plugin: PluginName) async throws -> PluginCounters? {
        try await asking { try await self.counters(of: plugin, $0) }
    }

    private func plugins(_ redis: RedisConnection) async throws -> [PluginSummary] {
        let names = try await members(redis)
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        var summaries: [PluginSummary] = []
        for name in names {
            let text = try await redis.send(RedisCommand("GET", configuration.names.manifest(name))).get()
                .stringOrNil()
            // One that cannot be read leaves the plugin in the list, without details.
            let manifest = text.flatMap { try? JSONDecoder().decode(Manifest.self, from: Data($0.utf8)) }
            var replicas = 0
            for type in manifest?.subscribes ?? [] {
                let key = configuration.names.replicas(name, type: type)
                let alive = try await redis.send(RedisCommand("ZCOUNT", key, "(\(now)", "+inf")).get().int64()
                replicas = max(replicas, Int(alive))
            }
            summaries.append(
                PluginSummary(
                    name: name.rawValue, version: manifest?.version, summary: manifest?.summary,
                    subscribes: manifest?.subscribes ?? [], delivery: manifest?.delivery, replicas: replicas))
        }
        return summaries
    }

    private func counters(of plugin: PluginName, _ redis: RedisConnection) async throws -> PluginCounters? {
        let names = configuration.names
        guard try await redis.send(RedisCommand("SISMEMBER", names.plugins, plugin.rawValue)).get().int64() == 1 else {
            return nil
        }
        var counters = PluginCounters(plugin: plugin.rawValue)
        counters.counters = try await hash(redis, names.counters(plugin))
        let prefix = names.counterFamily(plugin, "")
        for key in try await keys(redis, prefix: prefix) {
            counters.families[String(key.dropFirst(prefix.count))] = try await hash(redis, key)
        }
        return counters
    }

    private func members(_ redis: RedisConnection) async throws -> [PluginName] {
        try await redis.send(RedisCommand("SMEMBERS", configuration.names.plugins)).get().array()
            // A member that is no name was not written by a service of ours.
            .compactMap { try? PluginName($0.string()) }
            .sorted { $0.rawValue < $1.rawValue }
    }

    private func hash(_ redis: RedisConnection, _ key: String) async throws -> [String: Int64] {
        do {
            let pairs = try await redis.send(RedisCommand("HGETALL", key)).get().stringPairs()
            // A value that is no number is no counter.
            return Dictionary(pairs.compactMap { pair in Int64(pair.1).map { (pair.0, $0) } }) { $1 }
        } catch let error as RedisError where error.serverCode == "WRONGTYPE" {
            return [:]
        }
    }

    private func keys(_ redis: RedisConnection, prefix: String) async throws -> [String] {
        var found: Set<String> = []
        var cursor = "0"
        repeat {
            let reply = try await redis.send(
                RedisCommand("SCAN", cursor, "MATCH", prefix + "*", "COUNT", "1000", "TYPE", "hash")
            ).get().array()
            guard reply.count == 2 else {
                throw RedisError(code: .unexpectedReply, message: "SCAN answers with a cursor and keys")
            }
            cursor = try reply[0].string()
            for key in try reply[1].array() { found.insert(try key.string()) }
        } while cursor != "0"
        return found.sorted()
    }

    /// Asks over the open connection; if that has ended meanwhile, once more over a new one. Asking changes nothing.
    private func asking<Answer: Sendable>(
        _ question: (RedisConnection) async throws -> Answer
    ) async throws -> Answer {
        if let open = connection {
            do {
                return try await question(try await open.get())
            } catch let error as RedisError where Self.isLost(error) {
                logger.debug("the directory connects again", metadata: ["error": "\(error)"])
                // Somebody else may have replaced it while we waited.
                if connection === open { connection = nil }
            }
        }
        let opening = connection ?? RedisConnection.connect(configuration.redis, on: eventLoop, logger: logger)
        connection = opening
        return try await question(try await opening.get())
    }

    private static func isLost(_ error: RedisError) -> Bool {
        [.connectionClosed, .connectionFailed, .authenticationFailed, .badTLS, .tlsFailed, .timedOut, .notConnected]
            .contains(error.code)
    }
}
