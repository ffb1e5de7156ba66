import Logging
import NIOCore
import NIOPosix
import OutboardTesting
import Testing

@testable import RedisClient

@Suite("Redis subscription", .enabled(if: ThrowawayRedis.isAvailable), .timeLimit(.minutes(1)))
struct SubscriptionTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    private func subscription(_ settings: RedisSettings) async throws -> RedisSubscription {
        try await loop.flatSubmit {
            RedisSubscription.connect(settings, on: loop, logger: Logger(label: "test")) { _, _ in }
        }.get()
    }

    @Test("counts a channel as heard only when the server has said so, each by its name")
    func acknowledgements() async throws {
        let redis = try await ThrowawayRedis.start()
        defer { redis.kill() }
        let subscription = try await subscription(RedisSettings(url: redis.url))
        let command = try await RedisConnection.connect(
            RedisSettings(url: redis.url), on: loop, logger: Logger(label: "test")
        ).get()
        func heard() async throws -> [Int64] {
            let reply = try await command.send(RedisCommand("PUBSUB", "NUMSUB", "a", "b", "c")).get().array()
            return try [reply[1], reply[3], reply[5]].map { try $0.int64() }
        }
        try await subscription.subscribe(["a", "b", "a"]).get()
        #expect(try await heard() == [1, 1, 0])
        try await subscription.unsubscribe(["a"]).get()
        try await subscription.subscribe(["c"]).get()
        #expect(try await heard() == [0, 1, 1])
        try await subscription.subscribe([]).get()
        try await command.close().get()
        try await subscription.close().get()
        try redis.stop()
    }

    @Test("ends with the server's word when a channel is refused: nothing is certain any more")
    func refusedChannel() async throws {
        let redis = try await ThrowawayRedis.start(arguments: ["--user", "ann", "on", ">p", "~*", "&a*", "+@all"])
        defer { redis.kill() }
        let subscription = try await subscription(RedisSettings(url: "redis://ann:p@127.0.0.1:\(redis.port)"))
        try await subscription.subscribe(["a1"]).get()
        let error = await #expect(throws: RedisError.self) { try await subscription.subscribe(["a2", "b"]).get() }
        #expect(error?.code == .serverReply && error?.serverCode == "NOPERM")
        try await subscription.closed.get()
        let late = await #expect(throws: RedisError.self) { try await subscription.subscribe(["a1"]).get() }
        #expect(late?.serverCode == "NOPERM")
        try redis.stop()
    }

    /// Greets, then answers what comes with `text`.
    private func refusal(of channels: [String], whenAnswered text: String) async throws -> RedisError? {
        let server = try await SilentServer(.saying("+PONG\r\n" + text))
        var settings = try RedisSettings(url: "redis://127.0.0.1:\(server.port)")
        settings.commandTimeout = .milliseconds(400)
        let error = await #expect(throws: RedisError.self) {
            let subscription = try await subscription(settings)
            try await subscription.subscribe(channels).get()
        }
        try await server.stop()
        return error
    }

    @Test("reads on after a stop, also one that came while a read waited for its time")
    func readingOn() async throws {
        let redis = try await ThrowawayRedis.start()
        defer { redis.kill() }
        let heard = NIOLoopBoundBox.makeBoxSendingValue([String](), eventLoop: loop)
        let settings = try RedisSettings(url: redis.url)
        let subscription = try await loop.flatSubmit {
            RedisSubscription.connect(settings, on: loop, logger: Logger(label: "test")) { _, payload in
                heard.value.append(String(decoding: payload, as: UTF8.self))
            }
        }.get()
        try await subscription.subscribe(["a"]).get()
        let command = try await RedisConnection.connect(settings, on: loop, logger: Logger(label: "test")).get()
        var sent: [String] = []
        for round in 0..<40 {
            // One message after the other, so that reads wait; in every second round nothing is read for a while.
            if !round.isMultiple(of: 2) { try await loop.submit { subscription.read(false) }.get() }
            for number in 0..<3 {
                sent.append("\(round).\(number)")
                _ = try await command.send(RedisCommand("PUBLISH", "a", "\(round).\(number)")).get()
            }
            if !round.isMultiple(of: 2) { try await loop.submit { subscription.read(true) }.get() }
        }
        let wanted = sent
        let deadline = ContinuousClock.now + .seconds(10)
        while try await loop.submit({ heard.value.count }).get() < wanted.count, ContinuousClock.now < deadline {
            await Task.yield()
        }
        #expect(try await loop.submit { heard.value }.get() == wanted)
        try await command.close().get()
        try await subscription.close().get()
        try redis.stop()
    }

    @Test("waits for every acknowledgement, no longer than the deadline")
    func deadline() async throws {
        let silent = try await refusal(of: ["a", "b"], whenAnswered: "")
        #expect(silent?.code == .timedOut)
    }

    @Test("ends when a channel is acknowledged that nobody asked for")
    func strangeAcknowledgement() async throws {
        let strange = try await refusal(of: ["a"], whenAnswered: "*3\r\n$9\r\nsubscribe\r\n$1\r\nz\r\n:1\r\n")
        #expect(strange?.code == .protocolViolation)
        let answer = try await refusal(of: ["a"], whenAnswered: "+OK\r\n")
        #expect(answer?.code == .protocolViolation)
    }

    @Test("fails what waits when the server goes")
    func killed() async throws {
        let redis = try await ThrowawayRedis.start()
        let proxy = try TCPProxy(to: redis.port)
        let subscription = try await subscription(RedisSettings(url: proxy.url))
        proxy.holdReplies()
        let pending = subscription.subscribe(["a"])
        proxy.cutAll()
        let error = await #expect(throws: RedisError.self) { try await pending.get() }
        #expect(error?.code == .connectionClosed)
        proxy.stop()
        try redis.stop()
    }
}
