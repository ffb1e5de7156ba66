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
            let (seen, _) = try await counting(connection, "PUBLISH", times: 1_000) { connection.send($0) }
            #expect(seen == 1_000)
        }
    }

    /// Sends counted commands, then a `PING`, and gives the numbers of integers and errors that came before its end.
    private func counting(
        _ connection: RedisConnection, _ verb: String, times: Int,
        then last: @escaping @Sendable (RedisCommand) -> EventLoopFuture<RedisValue>
    ) async throws -> (integers: Int, errors: [RedisError]) {
        try await loop.flatSubmit {
            let seen = NIOLoopBoundBox((0, [RedisError]()), eventLoop: loop)
            connection.setCountedReplyHandler { reply in
                switch reply {
                case .integers(let count): seen.value.0 += count
                case .error(let error): seen.value.1.append(error)
                case .other: break
                }
            }
            var frames = ByteBuffer()
            for _ in 0..<times { RedisCommand(verb, "c", "0").write(into: &frames) }
            do {
                try connection.writeCounted(frames, replies: times)
            } catch {
                return loop.makeFailedFuture(error)
            }
            connection.flush()
            return last(RedisCommand("PING")).map { _ in () }.flatMapErrorThrowing { _ in () }.map { seen.value }
        }.get()
    }

    @Test("tells whoever counts, once, that the connection ended, and takes no more frames")
    func countedOnDeadConnection() async throws {
        try await withRedis { redis, connection in
            let (integers, errors) = try await counting(connection, "BLPOP", times: 3) { _ in
                redis.kill()
                return connection.closed.map { .null }
            }
            #expect(integers == 0)
            #expect(errors.map(\.code) == [.connectionClosed])
            let error = await #expect(throws: RedisError.self) {
                try await loop.submit { try connection.writeCounted(ByteBuffer(string: "PING\r\n"), replies: 1) }.get()
            }
            #expect(error?.code == .connectionClosed)
            let late = await #expect(throws: RedisError.self) { try await connection.send(RedisCommand("PING")).get() }
            #expect(late?.code == .connectionClosed)
        }
    }

    @Test("runs no script twice and passes on what a script says")
    func scriptErrors() async throws {
        try await withRedis { _, connection in
            let script = RedisScript(
                name: "fails", source: Array("redis.call('INCR', 'n') return redis.error_reply('ODD text')".utf8))
            for _ in 0..<2 {
                let error = await #expect(throws: RedisError.self) {
                    try await connection.evaluate(script, keys: [], arguments: RedisArguments()).get()
                }
                #expect(error?.code == .serverReply && error?.serverCode == "ODD")
            }
            let runs = try await connection.send(RedisCommand("GET", "n")).get().string()
            #expect(runs == "2")
        }
    }

    @Test("takes no more than the outbox holds, and goes on")
    func outbox() async throws {
        try await withRedis { redis, _ in
            var settings = try RedisSettings(url: redis.url)
            settings.outboxLimitBytes = 1 << 20
            let connection = try await connect(settings)
            let megabyte = String(repeating: "x", count: 1 << 20)
            let error = await #expect(throws: RedisError.self) {
                try await connection.send(RedisCommand("SET", "a", megabyte)).get()
            }
            #expect(error?.code == .outboxFull)
            #expect(error?.description.contains("xxx") == false)
            let half = RedisCommand("SET", "a", String(megabyte.prefix(1 << 19)))
            #expect(try await connection.send(half).get() == .status("OK"))
            try await connection.close().get()
        }
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
                try connection.writeCounted(frames, replies: total)
                connection.flush()
            }.get()
            try await done.futureResult.get()
            try await subscription.unsubscribe(["c"]).get()
            try await subscription.close().get()
        }
    }
}
