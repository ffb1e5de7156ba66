import Foundation
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient

/// A Redis that a program under test has to itself, and our own connection to it.
struct ConformanceBus: Sendable {
    /// Not the default, so that a program that spells names itself is found out.
    static let namespace = "conformance"
    static let lanes = LaneRule.defaultCount
    /// Redis tells nobody when a hash has changed, so everything that is waited for is looked at so often.
    private static let look = Duration.milliseconds(20)

    let redis: ThrowawayRedis
    let connection: RedisConnection
    let names = RedisNames(namespace: Self.namespace)

    /// Starts a Redis, lends it, and ends it.
    static func with<Value: Sendable>(
        _ body: (ConformanceBus) async throws -> Value
    ) async throws -> Value {
        let redis = try await ThrowawayRedis.start()
        let result: Result<Value, any Error>
        do {
            let connection = try await RedisConnection.connect(
                RedisSettings(url: redis.url), on: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }
            ).get()
            let bus = ConformanceBus(redis: redis, connection: connection)
            do { result = .success(try await body(bus)) } catch { result = .failure(error) }
            try? await connection.close().get()  // it may have ended already
        } catch { result = .failure(error) }
        try redis.stop()
        return try result.get()
    }

    /// What a program is told of this bus. Our own programs might find other settings in our environment.
    var environment: [String: String] {
        [
            "OUTBOARD_REDIS_URL": redis.url, "OUTBOARD_NAMESPACE": names.namespace, "OUTBOARD_LANES": "\(Self.lanes)",
            "OUTBOARD_CONFIG_FILE": "", "OUTBOARD_REDIS_PASSWORD_FILE": "",
        ]
    }

    func send(_ words: String...) async throws -> RedisValue {
        try await connection.send(RedisCommand(words: words)).get()
    }

    /// Sends commands in one write.
    func send(_ commands: [RedisCommand]) async throws {
        for reply in try await connection.pipeline(commands).get() { _ = try reply.get() }
    }

    func hash(_ key: String) async throws -> [String: String] {
        Dictionary(try await send("HGETALL", key).stringPairs()) { $1 }
    }

    /// Milliseconds of Redis's clock.
    func now() async throws -> Int64 { try RedisClock.milliseconds(try await send("TIME")) }

    /// How many hear each of some channels.
    func subscribers(of channels: [String]) async throws -> [Int64] {
        let reply = try await connection.send(RedisCommand(words: ["PUBSUB", "NUMSUB"] + channels)).get()
        return try reply.array().enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { try $0.element.int64() }
    }

    /// Publishes some messages, in order.
    func publish(_ messages: [(channel: String, payload: [UInt8])]) async throws {
        let commands = messages.map { message in
            var arguments = RedisArguments()
            arguments.append(message.channel)
            message.payload.withUnsafeBytes { arguments.append($0) }
            return RedisCommand("PUBLISH", arguments: arguments)
        }
        try await send(commands)
    }

    /// Looks again and again until something holds.
    ///
    /// - Parameters:
    ///   - expected: What is waited for, as it is told if it does not come.
    ///   - look: What is seen, or nil once it holds; what it throws ends the waiting.
    /// - Throws: `Discrepancy` with what was seen last.
    func eventually(
        _ expected: String, within patience: Duration, _ look: () async throws -> String?
    ) async throws {
        let deadline = ContinuousClock.now + patience
        while let seen = try await look() {
            guard ContinuousClock.now < deadline else {
                throw Discrepancy(
                    expected: "\(expected) within \((patience / .seconds(1)).formatted()) s",
                    seen: seen)
            }
            try await Task.sleep(for: Self.look)
        }
    }
}
