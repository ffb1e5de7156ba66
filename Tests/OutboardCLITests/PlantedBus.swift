import Foundation
import OutboardTesting
import Testing

/// A Redis in which a test plants what a command is to find.
struct PlantedBus {
    static let key = "outboard:{request-counter}:"
    static let source = "/core-0123456789abcdef/http.request/0"
    static let replica = "request-counter-0123456789abcdef"
    private static let manifest = #"""
        {"config":{"perMinute":true},"delivery":"shared","name":"request-counter","protocol":1,
        "subscribes":["http.request"],"summary":"Counts requests.","version":"1.0.0"}
        """#

    /// A plugin whose only replica lives, hears both lanes, and whose books balance.
    static let healthy = [
        ["HSET", "outboard:bus", "lanes", "2"], ["SADD", "outboard:plugins", "request-counter"],
        ["SET", key + "manifest", manifest], ["ZADD", key + "replicas:http.request", "99999999999999", replica],
        [
            "HSET", key + "replica:" + replica, "host", "web-1", "pid", "4711", "version", "1.0.0", "state", "running",
            "started", "1763680542000", "lanes", "http.request:0 http.request:1", "received", "12", "handled", "11",
            "failed", "0", "malformed", "0", "missed", "1", "let_go", "0", "lag_ms", "3", "revision", "0", "error", "",
        ],
        ["HSET", key + "applied", source, "12"], ["HSET", key + "handled", source, "11"],
        ["HSET", key + "missed", source, "1"],
    ]

    let redis: ThrowawayRedis

    static func start(_ plant: [[String]] = healthy, appendOnly: Bool = false) async throws -> PlantedBus {
        let bus = PlantedBus(redis: try await ThrowawayRedis.start(appendOnly: appendOnly))
        try await bus.plant(plant)
        return bus
    }

    func plant(_ commands: [[String]]) async throws {
        for words in commands {
            let cli = try redisCLI(words)
            #expect(try await cli.waitForExit() == 0, "\(words.joined(separator: " ")): \(cli.lines)")
        }
    }

    func redisCLI(_ words: [String]) throws -> ChildProcess {
        try ChildProcess(
            URL(filePath: try #require(Executables.path(of: "redis-cli"))),
            arguments: ["-p", "\(redis.port)"] + words)
    }

    /// Two channels with a subscriber, as a live replica would have.
    func subscriber() async throws -> ChildProcess {
        let channels = (0..<2).map { "outboard:events:http.request:\($0)" }
        let subscriber = try redisCLI(["SUBSCRIBE"] + channels)
        try await subscriber.waitForLine(containing: channels[1])
        return subscriber
    }

    func start(_ arguments: [String], environment: [String: String] = [:]) throws -> ChildProcess {
        let settings = ["OUTBOARD_REDIS_URL": redis.url].merging(environment) { $1 }
        return try ChildProcess(Executables.product("outboard"), arguments: arguments, environment: settings)
    }

    /// Runs a command of `outboard` to its end.
    func run(
        _ arguments: String..., environment: [String: String] = [:]
    ) async throws -> (code: Int32, lines: [String]) {
        let command = try start(arguments, environment: environment)
        let code = try await command.waitForExit()
        return (code, command.lines)
    }

    func stop() throws { try redis.stop() }
}
