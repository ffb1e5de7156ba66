import Logging
import NIOCore
import NIOPosix
public import Outboard
import OutboardRedis
import RedisClient

/// A whole bus for the time of a test: a Redis of its own, a publisher, and one replica of a plugin in this process.
///
/// ```swift
/// try await ThrowawayBus.run(RequestCounter()) { bus in
///     for number in 1...100 { try bus.publish(request(number)) }
///     try await bus.settled()
///     #expect(try await bus.counter("requests") == 100)
/// }
/// ```
///
/// Everything is the real thing: events are numbered, published, heard, handled, and applied by the scripts. It needs
/// `redis-server`; a suite says `.enabled(if: ThrowawayBus.isAvailable)`.
public struct ThrowawayBus: Sendable {
    /// The Redis beneath, for a look of your own.
    public let redis: ThrowawayRedis
    private let plugin: PluginName
    private let names = RedisNames()
    private let publisher: Publisher
    private let connection: RedisConnection

    /// Whether a `redis-server` is in `PATH`.
    public static var isAvailable: Bool { ThrowawayRedis.isAvailable }

    /// Starts a bus, runs `body` when the plugin hears, and ends everything.
    ///
    /// - Parameter plugin: With the configuration that is to be tested; its `start` and `stop` are called.
    /// - Throws: What `body` throws, or `TestingError` if something did not start.
    public static func run<P: Plugin>(
        _ plugin: P, _ body: @escaping @Sendable (ThrowawayBus) async throws -> Void
    ) async throws {
        let redis = try await ThrowawayRedis.start()
        do {
            try await run(plugin, on: redis, body)
        } catch {
            try redis.stop()
            throw error
        }
        try redis.stop()
    }

    /// Publishes one event, as `EventBus` does; returns at once.
    ///
    /// - Parameters:
    ///   - key: Events with equal keys reach the plugin in order.
    ///   - time: When it happened.
    /// - Throws: `EventError` if the payload has no JSON form or the event is over 1 MiB.
    public func publish<Payload: EventPayload>(
        _ payload: Payload, key: String? = nil, at time: Timestamp = .now
    ) throws {
        try publisher.accept(payload, key: key, traceparent: nil, time: time)
    }

    /// Waits until the books are at rest: everything published is counted by its record, and dealt with.
    ///
    /// - Throws: `TestingError` that says what is still open after `patience`.
    public func settled(within patience: Duration = .seconds(20)) async throws {
        let deadline = ContinuousClock.now + patience
        let reader = BookReader(names: names, redis: connection)
        while true {
            let buffered = publisher.statistics.buffered
            let audit = PluginAudit(try await reader.books(of: plugin))
            if buffered == 0, audit.inFlight == 0, audit.holds { return }
            guard ContinuousClock.now < deadline else {
                throw TestingError(
                    "the books of \(plugin) are not at rest after \(patience): \(buffered) events not yet published, "
                        + "\(audit.inFlight) published and not dealt with, \(audit.wrong.count) sources out of balance")
            }
            // Redis tells nobody when a hash has changed.
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The sum of the plugin's books: how many events were handled, failed, missed.
    public func books() async throws -> Books {
        let sum = PluginAudit(try await BookReader(names: names, redis: connection).books(of: plugin)).sum
        return Books(handled: Int(sum[.handled]), failed: Int(sum[.failed]), missed: Int(sum[.missed]))
    }

    /// What became of the events that were published.
    public struct Books: Sendable, Equatable {
        /// Events whose effects are in.
        public let handled: Int
        /// Events for which the handler threw.
        public let failed: Int
        /// Events that nobody heard.
        public let missed: Int

        /// All zero unless said otherwise.
        public init(handled: Int = 0, failed: Int = 0, missed: Int = 0) {
            self.handled = handled
            self.failed = failed
            self.missed = missed
        }
    }

    // MARK: What the plugin wrote

    /// A counter, or one field of a family; 0 if there is none.
    public func counter(_ name: String, field: String? = nil) async throws -> Int {
        if let field { return try await fields(name)[field] ?? 0 }
        return try await numbers(.counter, name)[name] ?? 0
    }

    /// A family of counters by field.
    public func fields(_ name: String) async throws -> [String: Int] { try await numbers(.family, name) }

    /// A histogram.
    public func histogram(_ name: String) async throws -> Histogram {
        Histogram(fields: try await numbers(.bucket, name))
    }

    /// The histogram of one field.
    public func histogram(_ name: String, field: String) async throws -> Histogram {
        Histogram(fields: try await numbers(of: key(.fieldCount, name) + ":\(field)"))
    }

    /// The members of a ranking with their scores.
    public func scores(_ name: String) async throws -> [String: Int] {
        let reply = try await send("ZRANGE", key(.rank, name), "0", "-1", "WITHSCORES")
        return Dictionary(try reply.stringPairs().map { ($0.0, Int($0.1) ?? 0) }) { $1 }
    }

    /// About how many different elements came, in all or on one day, as in `2026-11-20`.
    public func unique(_ name: String, on day: String? = nil) async throws -> Int {
        Int(try await send("PFCOUNT", key(.unique, name) + (day.map { ":\($0)" } ?? "")).int64())
    }

    /// The largest value; nil if there was none.
    public func maximum(_ name: String) async throws -> Int? { try await numbers(.maximum, name)[name] }

    /// The smallest value; nil if there was none.
    public func minimum(_ name: String) async throws -> Int? { try await numbers(.minimum, name)[name] }

    // MARK: Private

    private static func run<P: Plugin>(
        _ plugin: P, on redis: ThrowawayRedis, _ body: @escaping @Sendable (ThrowawayBus) async throws -> Void
    ) async throws {
        let name = try P.manifest.validatedName()
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let logger = Logger(label: "throwaway-bus") { _ in SwiftLogNoOpLogHandler() }
        let configuration = BusConfiguration(redis: try RedisSettings(url: redis.url))
        let connection = try await RedisConnection.connect(configuration.redis, on: eventLoop, logger: logger).get()
        let publisher = Publisher(settings: configuration.publisher, eventLoop: eventLoop, logger: logger)
        let bus = ThrowawayBus(redis: redis, plugin: name, publisher: publisher, connection: connection)
        try await plugin.start()
        let (ready, announce) = AsyncStream<Void>.makeStream()
        let replica = try await Replica(
            plugin: plugin, name: name, settings: configuration.replica, eventLoop: eventLoop, logger: logger,
            onReady: { announce.finish() })
        let outcome: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await replica.run() }
                group.addTask { try await publisher.run() }
                group.addTask {
                    for await _ in ready {}
                    try Task.checkCancellation()
                    try await body(bus)
                }
                // The body has ended, or something else has failed.
                try await group.next()
                group.cancelAll()
                try await group.waitForAll()
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        await plugin.stop()
        try? await connection.close().get()  // it may have ended with a Redis that the test killed
        try outcome.get()
    }

    private init(redis: ThrowawayRedis, plugin: PluginName, publisher: Publisher, connection: RedisConnection) {
        self.redis = redis
        self.plugin = plugin
        self.publisher = publisher
        self.connection = connection
    }

    private func key(_ kind: EffectKind, _ name: String) -> String {
        names.prefix(plugin) + MergedEffect.key(kind, name: name)
    }

    private func numbers(_ kind: EffectKind, _ name: String) async throws -> [String: Int] {
        try await numbers(of: key(kind, name))
    }

    private func numbers(of key: String) async throws -> [String: Int] {
        let pairs = try await send("HGETALL", key).stringPairs()
        return Dictionary(pairs.compactMap { pair in Int(pair.1).map { (pair.0, $0) } }) { $1 }
    }

    private func send(_ words: String...) async throws -> RedisValue {
        try await connection.send(RedisCommand(words: words)).get()
    }
}
