import Foundation
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient

/// What all suites share: a Redis of our own, a connection to ask it, and how much to do.
struct Bench: Sendable {
    let redis: ThrowawayRedis
    let connection: RedisConnection
    let rounds: Int
    private let percent: Int

    static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    static let lanes = LaneRule.defaultCount
    static let names = RedisNames()

    /// Starts a `redis-server` with its default limits.
    static func start(rounds: Int, percent: Int) async throws -> Bench {
        let redis = try await ThrowawayRedis.start()
        let connection = try await RedisConnection.connect(
            try RedisSettings(url: redis.url), on: MultiThreadedEventLoopGroup.singleton.next(), logger: logger
        ).get()
        return Bench(redis: redis, connection: connection, rounds: rounds, percent: percent)
    }

    /// The usual number of events, or the part of it that was asked for; a multiple of `multiple`.
    func scaled(_ usual: Int, multiple: Int = 1) -> Int {
        max(1, usual * percent / 100 / multiple) * multiple
    }

    /// Redis as it was when it started.
    func clear() async throws {
        _ = try await connection.send(RedisCommand("FLUSHALL")).get()
    }

    func redisVersion() async throws -> String { try await info("server")["redis_version"] ?? "unknown" }

    /// Seconds of CPU that Redis has used since its start.
    func redisCPU() async throws -> Double {
        let fields = try await info("cpu")
        return ["used_cpu_user", "used_cpu_sys"].reduce(0) { $0 + (fields[$1].flatMap(Double.init) ?? 0) }
    }

    /// How often Redis has cut somebody off because of unread output; Redis 7.0 says so in its log only.
    func disconnects() throws -> Int {
        let log = try String(contentsOf: redis.folder.appending(path: "log"), encoding: .utf8)
        return log.components(separatedBy: "overcoming of output buffer limits").count - 1
    }

    /// Waits until every lane has so many subscribers.
    func waitForHearers(_ count: Int, lanes: Int = Bench.lanes) async throws {
        let channels = (0..<lanes).map { SampleEvent.channel(lane: $0) }
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let reply = try await connection.send(RedisCommand(words: ["PUBSUB", "NUMSUB"] + channels)).get()
            if try reply.stringPairs().allSatisfy({ $0.1 == "\(count)" }) { return }
            guard ContinuousClock.now < deadline else { throw BenchError("not every lane has \(count) hearers") }
            // Redis tells nobody when somebody subscribes.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func info(_ section: String) async throws -> [String: String] {
        let text = try await connection.send(RedisCommand("INFO", section)).get().string()
        var fields: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[String(parts[0])] = String(parts[1]) }
        }
        return fields
    }
}
