import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardTesting
import RedisClient
import Synchronization
import Testing

@testable import OutboardRedis

/// A payload for tests.
struct Ping: EventPayload, Equatable {
    static let eventType = "test.ping"
    var number: Int
}

/// Counts pings; what is negative throws.
struct PingCounter: Plugin {
    struct Refusal: Error {}
    static let manifest = Manifest(name: "ping-counter", version: "1.0.0", summary: "Counts pings.")

    func effects(of event: Event<Ping>, into effects: inout Effects) throws {
        if event.data.number < 0 { throw Refusal() }
        effects.increment("pings")
        effects.increment("sum", by: event.data.number)
        effects.increment("parity", field: event.data.number.isMultiple(of: 2) ? "even" : "odd")
        effects.increment("pings", per: .minute)
        effects.observe("number", event.data.number)
        effects.observe("number", field: event.data.number.isMultiple(of: 2) ? "even" : "odd", event.data.number)
        effects.rank("numbers", member: "\(event.data.number % 5)")
        effects.unique("numbers", element: "\(event.data.number)")
        effects.unique("parities", per: .day, element: "\(event.data.number % 2)")
        effects.maximum("number", event.data.number)
        effects.minimum("number", event.data.number)
    }
}

/// A bus on a Redis of its own.
struct BusFixture {
    let redis: ThrowawayRedis
    let settings: RedisSettings
    let names = RedisNames()
    let plugin: PluginName
    let lanes = 8
    static let loop = MultiThreadedEventLoopGroup.singleton.next()
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    static func with(
        appendOnly: Bool = false, _ body: (BusFixture) async throws -> Void
    ) async throws {
        let redis = try await ThrowawayRedis.start(appendOnly: appendOnly)
        let fixture = BusFixture(
            redis: redis, settings: try RedisSettings(url: redis.url), plugin: try PluginName("ping-counter"))
        do {
            try await body(fixture)
        } catch {
            try redis.stop()
            throw error
        }
        try redis.stop()
    }

    func publisher(url: String? = nil) throws -> Publisher {
        var settings = settings
        if let url { settings = try RedisSettings(url: url) }
        return Publisher(
            settings: PublisherSettings(redis: settings, names: names, lanes: lanes, name: "test", host: "here"),
            eventLoop: Self.loop, logger: Self.logger)
    }

    func replica(url: String? = nil, onReady: @escaping @Sendable () -> Void = {}) async throws -> Replica<PingCounter>
    {
        var settings = settings
        if let url { settings = try RedisSettings(url: url) }
        return try await Replica(
            plugin: PingCounter(), name: plugin,
            settings: ReplicaSettings(redis: settings, names: names, lanes: lanes, host: "here", pid: 1),
            eventLoop: Self.loop, logger: Self.logger, onReady: onReady)
    }

    /// Runs a replica for the time of `body`, which begins when it is ready; it then drains.
    func withReplica(url: String? = nil, _ body: @escaping @Sendable () async throws -> Void) async throws {
        let (ready, announce) = AsyncStream<Void>.makeStream()
        let replica = try await replica(url: url) { announce.finish() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await replica.run() }
            for await _ in ready {}
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// Runs a publisher for the time of `body`; it then flushes.
    func withPublisher(
        url: String? = nil, _ body: @escaping @Sendable (Publisher) async throws -> Void
    ) async throws {
        let publisher = try publisher(url: url)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await body(publisher)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    func connection() async throws -> RedisConnection {
        try await RedisConnection.connect(settings, on: Self.loop, logger: Self.logger).get()
    }

    func command(_ words: String...) async throws -> RedisValue { try await command(words) }

    func command(_ words: [String]) async throws -> RedisValue {
        let connection = try await connection()
        let reply = try await connection.send(RedisCommand(words: words)).get()
        try await connection.close().get()
        return reply
    }

    func hash(_ key: String) async throws -> [String: String] {
        Dictionary(try await command("HGETALL", key).stringPairs()) { $1 }
    }

    func book(_ book: Book) async throws -> [String: Int] {
        try await hash(names.book(plugin, book)).mapValues { Int($0) ?? -1 }
    }

    func sum(_ book: Book) async throws -> Int { try await self.book(book).values.reduce(0, +) }

    var pings: Int {
        get async throws { Int(try await hash(names.counters(plugin))["pings"] ?? "0") ?? -1 }
    }

    /// Waits until a condition holds; polls, because Redis tells nobody when a hash has changed.
    func wait(
        seconds: Int = 20, _ what: Comment, sourceLocation: SourceLocation = #_sourceLocation,
        until condition: () async throws -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try await !condition() {
            guard ContinuousClock.now < deadline else {
                Issue.record(what, sourceLocation: sourceLocation)
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The invariant of the protocol, per source; `applied` of all sources in sum.
    @discardableResult
    func expectBalancedBooks(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int {
        let applied = try await book(.applied)
        let parts = [
            try await book(.handled), try await book(.failed), try await book(.missed),
            try await book(.skipped), try await book(.baseline),
        ]
        for (source, fence) in applied {
            let booked = parts.reduce(0) { $0 + ($1[source] ?? 0) }
            #expect(booked == fence, "books of \(source)", sourceLocation: sourceLocation)
        }
        return applied.values.reduce(0, +)
    }
}

/// Tells a load that it is over.
final class LoadFlag: Sendable {
    private let over = Atomic(false)

    var isOver: Bool { over.load(ordering: .relaxed) }

    func end() { over.store(true, ordering: .relaxed) }
}
