import NIOCore
package import Outboard
import RedisClient

/// A plugin that could not start, shown where its replicas are shown: so one that ends again and again says why.
package enum StartFailure {
    /// Seconds that it is shown.
    private static let lifetime = 15
    /// As if its lease had ended so many milliseconds ago: nobody waits for what it might have heard.
    private static let longAgo: Int64 = 9_000

    /// Shows why; where Redis cannot be asked the log alone has it.
    package static func show<P: Plugin>(
        _ error: any Error, of plugin: P.Type, _ name: PluginName, _ bus: BusConfiguration
    ) async {
        var generator = SystemRandomNumberGenerator()
        let id = PublisherID(name: name.rawValue, using: &generator).text
        let (names, host, pid) = (bus.names, bus.host, bus.replica.pid)
        // The error itself is what the process ends with; that it cannot be shown is worth no other.
        try? await bus.withConnection(named: name.rawValue) { redis in
            let now = try RedisClock.milliseconds(try await redis.send(RedisCommand("TIME")).get())
            let hash = names.replica(name, id)
            let replies = try await redis.pipeline([
                RedisCommand("SADD", names.plugins, name.rawValue),
                RedisCommand("SET", names.manifest(name), try ManifestRegistry.json(P.manifest, of: P.self), "NX"),
                RedisCommand(
                    "HSET", hash, "host", host, "pid", "\(pid)", "version", P.manifest.version, "state",
                    ReplicaState.failed.rawValue, "started", "\(now)", "error", "start failed: \(error)"),
                RedisCommand("EXPIRE", hash, "\(lifetime)"),
                RedisCommand("ZADD", names.replicas(name, type: P.Payload.eventType), "\(now - longAgo)", id),
            ]).get()
            for reply in replies { _ = try reply.get() }
        }
    }
}
