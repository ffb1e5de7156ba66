import Foundation
import OutboardTesting
import Testing

/// `outboard audit` itself, on a Redis with books that were planted.
@Suite("outboard audit", .timeLimit(.minutes(2)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct AuditCommandTests {
    private static let key = "outboard:{request-counter}:"
    private static let source = "/core-0123456789abcdef/http.request/3"

    /// Plants commands, runs `outboard audit` and returns its exit code and lines.
    private func audit(
        _ redis: ThrowawayRedis, plant: [[String]] = [], _ arguments: String...
    ) async throws -> (code: Int32, lines: [String]) {
        for words in plant {
            let cli = try ChildProcess(
                URL(filePath: try #require(Executables.path(of: "redis-cli"))),
                arguments: ["-p", "\(redis.port)"] + words)
            #expect(try await cli.waitForExit() == 0)
        }
        let command = try ChildProcess(
            Executables.product("outboard"), arguments: ["audit"] + arguments,
            environment: ["OUTBOARD_REDIS_URL": redis.url])
        let code = try await command.waitForExit()
        return (code, command.lines)
    }

    private static let balanced = [
        ["SADD", "outboard:plugins", "request-counter"], ["HSET", key + "applied", source, "12"],
        ["HSET", key + "handled", source, "11"], ["HSET", key + "missed", source, "1"],
    ]

    @Test("exits with 0 where the books balance, 1 where they do not, and says where")
    func verdicts() async throws {
        let redis = try await ThrowawayRedis.start()
        let empty = try await audit(redis)
        #expect(empty.code == 0)
        #expect(empty.lines == ["no plugin has registered on this bus yet"])

        let good = try await audit(redis, plant: Self.balanced)
        #expect(good.code == 0)
        #expect(good.lines.first == "request-counter: the books balance  (1 source, 1 publisher)")
        #expect(try await audit(redis, "request-counter").lines == good.lines)

        let bad = try await audit(redis, plant: [["HSET", Self.key + "handled", Self.source, "13"]], "request-counter")
        #expect(bad.code == 1)
        #expect(bad.lines.contains { $0.hasSuffix("handled 13 + missed 1 = 14, but applied is 12") })

        let broken = try await audit(
            redis, plant: [["DEL", Self.key + "handled"], ["SET", Self.key + "handled", "x"]])
        #expect(broken.code == 1)
        #expect(broken.lines.contains("  DAMAGED  \(Self.key)handled"))
        try redis.stop()
    }

    @Test("writes JSON for a program")
    func json() async throws {
        struct Answer: Decodable {
            struct Plugin: Decodable {
                struct Entry: Decodable {
                    let applied, handled, missed, in_flight: Int
                    let holds: Bool
                }
                let plugin: String
                let sum: Entry
                let sources: [Entry]
            }
            let holds: Bool
            let plugins: [Plugin]
        }
        let redis = try await ThrowawayRedis.start()
        let run = try await audit(redis, plant: Self.balanced, "--json")
        #expect(run.code == 0)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.lines.joined(separator: "\n").utf8))
        #expect(answer.holds)
        #expect(answer.plugins.map(\.plugin) == ["request-counter"])
        #expect(answer.plugins.first?.sum.handled == 11)
        #expect(answer.plugins.first?.sources.count == 1)
        try redis.stop()
    }

    @Test("exits with 64 on bad usage, 69 without Redis")
    func failures() async throws {
        let redis = try await ThrowawayRedis.start()
        let unknown = try await audit(redis, plant: Self.balanced, "nothing")
        #expect(unknown.code == 64)
        #expect(unknown.lines.contains { $0.hasSuffix("no plugin 'nothing' on this bus; there are: request-counter") })
        #expect(try await audit(redis, "Not-A-Name").code == 64)
        #expect(try await audit(redis, "--redis-url", "http://nowhere").code == 64)
        #expect(try await audit(redis, "--namespace", "NO").code == 64)
        #expect(try await audit(redis, "--namespace", "empty").code == 0)
        try redis.stop()
        #expect(try await audit(redis).code == 69)
    }

    @Test("looks again each second with --watch, until it is told to stop")
    func watch() async throws {
        let redis = try await ThrowawayRedis.start()
        _ = try await audit(redis, plant: Self.balanced)
        let watch = try ChildProcess(
            Executables.product("outboard"), arguments: ["audit", "--watch"],
            environment: ["OUTBOARD_REDIS_URL": redis.url])
        try await watch.waitForLine(containing: "the books balance")
        _ = try await audit(redis, plant: [["HINCRBY", Self.key + "applied", Self.source, "1"]])
        try await watch.waitForLine(containing: "THE BOOKS DO NOT BALANCE")
        redis.kill()
        try await watch.waitForLine(containing: "Redis cannot be asked")
        try await redis.restart()
        try await watch.waitForLine(containing: "no plugin has registered")
        watch.interrupt()
        #expect(try await watch.waitForExit() == 0)
        try redis.stop()
    }
}
