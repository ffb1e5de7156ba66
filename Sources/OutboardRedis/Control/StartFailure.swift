import NIOCore
package import Outboard
import RedisClient

/// A process of a plugin that could not start, or that has crashed, shown where replicas are shown: so one that ends again
/// and again says why.
package enum StartFailure {
    /// Seconds that it is shown: longer than the longest wait before another start.
    private static let lifetime = 15
    /// As if its lease had ended so many milliseconds ago: nobody waits for what it might have heard.
    private static let longAgo: Int64 = 9_000

    /// Shows why a plugin could not start, and registers it if it never has been.
    package static func show<P: Plugin>(
        _ error: any Error, of plugin: P.Type, _ name: PluginName, _ bus: BusConfiguration
    ) async {
        // The error itself is what the process ends with; that it cannot be shown is worth no other.
        try? await bus.withConnection(named: name.rawValue) { redis in
            let replies = try await redis.pipeline([
                RedisCommand("SADD", bus.names.plugins, name.rawValue),
                RedisCommand("SET", bus.names.manifest(name), try ManifestRegistry.json(P.manifest, of: P.self), "NX"),
            ]).get()
            for reply in replies { _ = try reply.get() }
            let fields = ["version", P.manifest.version, "pid", "\(bus.replica.pid)"]
            try await show(
                "start failed: \(error)", of: name, fields, types: [P.Payload.eventType], bus, on: redis)
        }
    }

    /// Shows that a process of a plugin has ended, as whoever started it saw it; nothing where no such plugin is known.
    package static func show(_ reason: String, of name: PluginName, _ bus: BusConfiguration) async {
        // The console has it, too.
        try? await bus.withConnection(named: "outboard-up") { redis in
            let manifest = try await PluginReader(names: bus.names, redis: redis).manifest(of: name)
            guard let types = manifest?.subscribes else { return }
            try await show(reason, of: name, [], types: types, bus, on: redis)
        }
    }

    private static func show(
        _ reason: String, of name: PluginName, _ fields: [String], types: [String], _ bus: BusConfiguration,
        on redis: RedisConnection
    ) async throws {
        var generator = SystemRandomNumberGenerator()
        let id = PublisherID(name: name.rawValue, using: &generator).text
        let hash = bus.names.replica(name, id)
        let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
        let shown = ["host", bus.host, "state", ReplicaState.failed.rawValue, "started", "\(now)", "error", reason]
        var commands = [
            RedisCommand(words: ["HSET", hash] + fields + shown), RedisCommand("EXPIRE", hash, "\(lifetime)"),
        ]
        commands += types.map { RedisCommand("ZADD", bus.names.replicas(name, type: $0), "\(now - longAgo)", id) }
        for reply in try await redis.pipeline(commands).get() { _ = try reply.get() }
    }
}
