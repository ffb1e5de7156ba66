import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient
import Testing

/// A Redis of the test's own, and what processes wrote there.
struct RealBus: Sendable {
    let redis: ThrowawayRedis
    let names = RedisNames()
    let plugin: PluginName
    private let settings: RedisSettings
    private static let loop = MultiThreadedEventLoopGroup.singleton.next()
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// What every process of this bus needs to be told.
    var environment: [String: String] { ["OUTBOARD_REDIS_URL": redis.url] }

    static func with(appendOnly: Bool = false, _ body: @Sendable (RealBus) async throws -> Void) async throws {
        let redis = try await ThrowawayRedis.start(appendOnly: appendOnly)
        let bus = RealBus(
            redis: redis, plugin: try PluginName("request-counter"), settings: try RedisSettings(url: redis.url))
        do {
            try await body(bus)
        } catch {
            try redis.stop()
            throw error
        }
        try redis.stop()
    }

    /// Starts a replica of request-counter and waits until it hears.
    func startPlugin(_ arguments: [String] = []) async throws -> ChildProcess {
        let process = try ChildProcess(
            Executables.product("request-counter"), arguments: arguments, environment: environment)
        try await process.waitForLine(containing: "\"message\":\"ready\"", within: .seconds(30))
        return process
    }

    func withConnection<Value>(_ body: (RedisConnection) async throws -> Value) async throws -> Value {
        let connection = try await RedisConnection.connect(settings, on: Self.loop, logger: Self.logger).get()
        let result: Result<Value, any Error>
        do { result = .success(try await body(connection)) } catch { result = .failure(error) }
        try await connection.close().get()
        return try result.get()
    }

    func command(_ words: String...) async throws -> RedisValue {
        try await withConnection { try await $0.send(RedisCommand(words: words)).get() }
    }

    func numbers(_ key: String) async throws -> [String: Int] {
        Dictionary(try await command("HGETALL", key).stringPairs()) { $1 }.compactMapValues { Int($0) }
    }

    func counter(_ name: String) async throws -> Int { try await numbers(names.counters(plugin))[name] ?? 0 }

    func book(_ book: Book) async throws -> [String: Int] { try await numbers(names.book(plugin, book)) }

    /// Source → last number that its publisher has booked, of all publishers; sources that published nothing left out.
    func published() async throws -> [String: Int] {
        var published: [String: Int] = [:]
        for id in try await command("ZRANGE", names.publishers, "0", "-1").array().map({ try $0.string() }) {
            for (field, number) in try await numbers(names.publisher(id)) where field.contains("/") && number > 0 {
                published["/\(id)/\(field)"] = number
            }
        }
        return published
    }

    /// Waits until everything published is booked; polls, because Redis tells nobody when a hash has changed.
    func waitUntilBooked(_ count: Int, seconds: Int = 30, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        try await wait(seconds: seconds, "all \(count) are booked", sourceLocation: sourceLocation) {
            let published = try await published()
            guard published.values.reduce(0, +) == count else { return false }
            let applied = try await book(.applied)
            return published.allSatisfy { applied[$0.key] == $0.value }
        }
    }

    /// The invariant of the protocol for each source: what is booked is what was published.
    func expectBalancedBooks(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let parts = [
            try await book(.handled), try await book(.failed), try await book(.missed), try await book(.skipped),
            try await book(.baseline),
        ]
        for (source, number) in try await published() {
            let booked = parts.reduce(0) { $0 + ($1[source] ?? 0) }
            #expect(booked == number, "books of \(source)", sourceLocation: sourceLocation)
        }
    }

    func wait(
        seconds: Int = 30, _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            // Redis may be on its way back.
            if (try? await condition()) == true { return }
            guard ContinuousClock.now < deadline else {
                Issue.record(what, sourceLocation: sourceLocation)
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
