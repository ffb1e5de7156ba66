import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient
import Testing

@Suite("RedisPluginDirectory", .timeLimit(.minutes(1)), .enabled(if: ThrowawayRedis.isAvailable, "no redis-server"))
struct RedisPluginDirectoryTests {
    private func withDirectory(
        _ redis: ThrowawayRedis, _ body: (RedisPluginDirectory, RedisConnection) async throws -> Void
    ) async throws {
        let settings = try RedisSettings(url: redis.url, password: nil, tls: nil)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let directory = RedisPluginDirectory(BusConfiguration(redis: settings), eventLoop: loop, logger: logger)
        let connection = try await RedisConnection.connect(settings, on: loop, logger: logger).get()
        try await body(directory, connection)
        try await connection.close().get()
    }

    @Test("lists plugins with what their manifests say, also those without a readable one")
    func plugins() async throws {
        let redis = try await ThrowawayRedis.start()
        try await withDirectory(redis) { directory, connection in
            #expect(try await directory.plugins().isEmpty)
            let names = RedisNames()
            let (good, bad) = (try PluginName("good"), try PluginName("bad"))
            let manifest = #"{"name":"good","version":"1.2.0","summary":"s","subscribes":["a.b"],"delivery":"shared"}"#
            for command in [
                RedisCommand("SADD", names.plugins, "good", "bad", "NO NAME"),
                RedisCommand("SET", names.manifest(good), manifest), RedisCommand("SET", names.manifest(bad), "{"),
                RedisCommand("ZADD", names.replicas(good, type: "a.b"), "1", "dead", "99999999999999", "alive"),
            ] { _ = try await connection.send(command).get() }
            #expect(
                try await directory.plugins() == [
                    PluginSummary(name: "bad"),
                    PluginSummary(
                        name: "good", version: "1.2.0", summary: "s", subscribes: ["a.b"], delivery: "shared",
                        replicas: 1, state: .enabled, lagMilliseconds: 0),
                ])
        }
        try redis.stop()
    }

    @Test("reads all counters and families, and comes back after Redis was away")
    func counters() async throws {
        let redis = try await ThrowawayRedis.start(appendOnly: true)
        try await withDirectory(redis) { directory, connection in
            let names = RedisNames()
            let plugin = try PluginName("good")
            #expect(try await directory.counters(of: plugin) == nil)
            for command in [
                RedisCommand("SADD", names.plugins, "good"),
                RedisCommand("HSET", names.counters(plugin), "requests", "9223372036854775807", "odd", "x"),
                RedisCommand("HSET", names.counterFamily(plugin, "status"), "200", "7", "404", "1"),
                RedisCommand("SET", names.counterFamily(plugin, "wrong"), "a string"),
                RedisCommand("HSET", names.counterFamily(try PluginName("goodish"), "status"), "200", "1"),
            ] { _ = try await connection.send(command).get() }
            let expected = PluginCounters(
                plugin: "good", counters: ["requests": .max], families: ["status": ["200": 7, "404": 1]])
            #expect(try await directory.counters(of: plugin) == expected)
            redis.kill()
            await #expect(throws: RedisError.self) { try await directory.counters(of: plugin) }
            try await redis.restart()
            #expect(try await directory.counters(of: plugin) == expected)
        }
        try redis.stop()
    }
}
