import Logging
import NIOCore
import NIOPosix
import OutboardTesting
import Testing

@testable import RedisClient

@Suite("Redis connection on a real server", .enabled(if: ThrowawayRedis.isAvailable), .timeLimit(.minutes(1)))
struct RedisConnectionTests {
    private static let logger = Logger(label: "test")
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func withRedis(
        _ arguments: [String] = [], _ body: (ThrowawayRedis, RedisConnection) async throws -> Void
    ) async throws {
        let redis = try await ThrowawayRedis.start(arguments: arguments)
        defer { redis.kill() }
        let connection = try await connect(RedisSettings(url: redis.url))
        try await body(redis, connection)
        try await connection.close().get()
        try redis.stop()
    }

    private func connect(_ settings: RedisSettings) async throws -> RedisConnection {
        try await RedisConnection.connect(settings, on: loop, logger: Self.logger).get()
    }

    @Test("keeps every reply of a pipeline when one in the middle fails")
    func pipeline() async throws {
        try await withRedis { _, connection in
            let replies = try await connection.pipeline([
                RedisCommand("SET", "a", "x"), RedisCommand("INCR", "a"), RedisCommand("GET", "a"),
            ]).get()
            #expect(try replies[0].get() == .status("OK"))
            #expect(#expect(throws: RedisError.self) { try replies[1].get() }?.serverCode == "ERR")
            #expect(try replies[2].get().string() == "x")
        }
    }

    @Test("runs a script that the server has forgotten")
    func evaluate() async throws {
        try await withRedis { _, connection in
            let script = RedisScript(name: "echo", source: Array("return {KEYS[1], ARGV[1]}".utf8))
            var arguments = RedisArguments()
            arguments.append(7)
            for _ in 0..<2 {
                let reply = try await connection.evaluate(script, keys: ["k"], arguments: arguments).get()
                #expect(try reply.array().map { try $0.string() } == ["k", "7"])
                _ = try await connection.send(RedisCommand("SCRIPT", "FLUSH")).get()
            }
        }
    }

    @Test("closes with a reason when an answer is late, and fails what waits")
    func deadline() async throws {
        try await withRedis { redis, _ in
            var settings = try RedisSettings(url: redis.url)
            // Long enough for the greeting, which has the same deadline, on a busy machine.
            settings.commandTimeout = .seconds(1)
            let connection = try await connect(settings)
            let error = await #expect(throws: RedisError.self) {
                try await connection.send(RedisCommand("BLPOP", "none", "0")).get()
            }
            #expect(error?.code == .timedOut)
            try await connection.closed.get()
        }
    }

    @Test("fails what waits when the server kills the connection")
    func killed() async throws {
        try await withRedis { redis, connection in
            let other = try await connect(RedisSettings(url: redis.url))
            let id = try await connection.send(RedisCommand("CLIENT", "ID")).get().int64()
            let pending = connection.send(RedisCommand("BLPOP", "none", "0"))
            _ = try await other.send(RedisCommand("CLIENT", "KILL", "ID", "\(id)")).get()
            let error = await #expect(throws: RedisError.self) { try await pending.get() }
            #expect(error?.code == .connectionClosed)
            try await connection.closed.get()
        }
    }

    @Test("counts replies in order among awaited ones")
    func counted() async throws {
        try await withRedis { _, connection in
            let count = try await loop.flatSubmit { () -> EventLoopFuture<Int> in
                let seen = NIOLoopBoundBox(0, eventLoop: loop)
                connection.setCountedReplyHandler { if case .integer = $0 { seen.value += 1 } }
                var frames = ByteBuffer()
                for _ in 0..<1_000 { RedisCommand("PUBLISH", "c", "x").write(into: &frames) }
                connection.writeCounted(frames, replies: 1_000)
                connection.flush()
                return connection.send(RedisCommand("PING")).map { _ in seen.value }
            }.get()
            #expect(count == 1_000)
        }
    }

    @Test("tells a wrong password from a right one, over TCP and the unix socket")
    func authentication() async throws {
        let redis = try await ThrowawayRedis.start(arguments: ["--requirepass", "right"])
        defer { redis.kill() }
        for url in [redis.url, redis.unixURL] {
            let connection = try await connect(RedisSettings(url: url, password: "right"))
            #expect(try await connection.send(RedisCommand("PING")).get() == .status("PONG"))
            try await connection.close().get()
            let error = await #expect(throws: RedisError.self) {
                try await connect(RedisSettings(url: url, password: "wrong"))
            }
            #expect(error?.code == .authenticationFailed)
        }
        try redis.stop()
    }

    @Test("hears 200 000 messages without a loss")
    func subscription() async throws {
        try await withRedis { redis, connection in
            let settings = try RedisSettings(url: redis.url)
            let total = 200_000
            let done = loop.makePromise(of: Void.self)
            let subscription = try await loop.flatSubmit {
                let seen = NIOLoopBoundBox(0, eventLoop: loop)
                return RedisSubscription.connect(settings, on: loop, logger: Self.logger) { _, payload in
                    seen.value += payload.count
                    if seen.value == total { done.succeed() }
                }
            }.get()
            try await subscription.subscribe(["c", "d"]).get()
            // Built here, not on the loop: a busy loop misses the deadlines of all its connections.
            var pair = ByteBuffer()
            RedisCommand("PUBLISH", "c", "x").write(into: &pair)
            RedisCommand("PUBLISH", "d", "y").write(into: &pair)
            let frames = ByteBuffer(string: String(repeating: String(buffer: pair), count: total / 2))
            try await loop.submit {
                connection.writeCounted(frames, replies: total)
                connection.flush()
            }.get()
            try await done.futureResult.get()
            try await subscription.unsubscribe(["c"]).get()
            try await subscription.close().get()
        }
    }
}
