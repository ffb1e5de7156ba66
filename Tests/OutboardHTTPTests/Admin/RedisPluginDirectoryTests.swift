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

    @Test("shows one plugin: control, replicas with their hashes, books in sum")
    func detail() async throws {
        let redis = try await ThrowawayRedis.start()
        try await withDirectory(redis) { directory, connection in
            let names = RedisNames()
            let plugin = try PluginName("good")
            #expect(try await directory.detail(of: plugin) == nil)
            for command in [
                RedisCommand("SADD", names.plugins, "good"),
                RedisCommand("SET", names.manifest(plugin), #"{"version":"1.2.0","subscribes":["a.b"]}"#),
                RedisCommand(
                    "ZADD", names.replicas(plugin, type: "a.b"), "1", "gone", "2", "deaf", "99999999999999", "one"),
                RedisCommand(
                    "HSET", names.replica(plugin, "one"), "state", "running", "lag_ms", "7", "version", "1.2.0"),
                RedisCommand("HSET", names.replica(plugin, "deaf"), "state", "running"),
                RedisCommand("HSET", names.pluginControl(plugin), "state", "disabled", "revision", "2"),
                RedisCommand("HSET", names.book(plugin, .applied), "/p/a.b/0", "5"),
                RedisCommand("HSET", names.book(plugin, .handled), "/p/a.b/0", "5"),
                RedisCommand("HSET", names.totals(plugin), "applied", "3", "missed", "3"),
            ] { _ = try await connection.send(command).get() }
            let detail = try #require(try await directory.detail(of: plugin))
            #expect(detail.replicas.map(\.id) == ["deaf", "one"])
            #expect(detail.replicas.map(\.isLive) == [false, true])
            #expect(detail.control.revision == 2)
            #expect((detail.plugin.state, detail.plugin.replicas) == (.disabled, 1))
            #expect((detail.plugin.versions, detail.plugin.lagMilliseconds) == (["1.2.0"], 7))
            #expect((detail.books.handled, detail.books.missed, detail.books.applied) == (5, 3, 8))
            #expect(detail.books.holds)
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
