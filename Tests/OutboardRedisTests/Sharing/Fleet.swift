import Foundation
import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Synchronization
import Testing

@testable import OutboardRedis

/// Replicas of request-counter as processes of their own, on a Redis of their own, and a publisher in this process.
struct Fleet: Sendable {
    let bus: BusFixture
    let plugin: PluginName
    let lanes: Int

    static func with(
        appendOnly: Bool = false, lanes: Int = LaneRule.defaultCount, _ body: (Fleet) async throws -> Void
    ) async throws {
        try await BusFixture.with(appendOnly: appendOnly) { bus in
            try await body(Fleet(bus: bus, plugin: try PluginName("request-counter"), lanes: lanes))
        }
    }

    // MARK: Replicas

    /// Starts a replica without waiting for it.
    func launch() throws -> ChildProcess {
        try ChildProcess(
            Executables.product("request-counter"),
            environment: ["OUTBOARD_REDIS_URL": bus.redis.url, "OUTBOARD_LANES": "\(lanes)"])
    }

    /// Starts replicas and waits until each of them hears its lanes.
    func start(_ count: Int) async throws -> [ChildProcess] {
        let replicas = try (0..<count).map { _ in try launch() }
        for replica in replicas { try await replica.waitForLine(containing: "ready", within: .seconds(20)) }
        return replicas
    }

    /// Asks replicas to go, and waits until they have: exit code 0 within the eight seconds of the promise.
    func stop(_ replicas: [ChildProcess]) async throws {
        for replica in replicas { replica.terminate() }
        for replica in replicas {
            let code = try await replica.waitForExit(within: .seconds(12))
            #expect(code == 0)
        }
    }

    // MARK: Events

    /// Publishes for the time of `body` at a rate, until it ends; says at last how many there were.
    func publishing(
        perSecond rate: Int, keyed: Bool = false, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Int {
        let published = Count()
        try await withPublisher { publisher in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await load(publisher, perSecond: rate, keyed: keyed, published) }
                try await body()
                group.cancelAll()
                try await group.waitForAll()
            }
        }
        return published.value.withLock { $0 }
    }

    private final class Count: Sendable {
        let value = Mutex(0)
    }

    private func load(_ publisher: Publisher, perSecond rate: Int, keyed: Bool, _ published: Count) async throws {
        let start = ContinuousClock.now
        var sent = 0
        while !Task.isCancelled {
            // The pace of a load, not a wait for anything.
            let due = Int(Double(rate) * ((ContinuousClock.now - start) / .seconds(1)))
            while sent < due {
                try publish(on: publisher, number: sent, key: keyed ? "k\(sent % 997)" : nil)
                sent += 1
            }
            published.value.withLock { $0 = sent }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }

    func publish(on publisher: Publisher, number: Int, key: String? = nil) throws {
        try publisher.accept(
            HTTPRequest(
                method: "GET", path: "/users/\(number % 10)", route: "/users/:id", status: number % 5 == 0 ? 404 : 200,
                requestID: "\(number)"),
            key: key, traceparent: nil, time: .now)
    }

    /// Runs a publisher for the time of `body`; it then flushes.
    func withPublisher(_ body: @escaping @Sendable (Publisher) async throws -> Void) async throws {
        let publisher = Publisher(
            settings: PublisherSettings(
                redis: bus.settings, names: bus.names, lanes: lanes, name: "load", host: "here"),
            eventLoop: BusFixture.loop, logger: BusFixture.logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await body(publisher)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    // MARK: Books

    func sum(_ book: Book) async throws -> Int {
        try await bus.hash(bus.names.book(plugin, book)).values.reduce(0) { $0 + (Int($1) ?? -1) }
    }

    /// Waits until all published events are dealt with, then checks every promise about books and counters.
    ///
    /// - Returns: Events missed.
    @discardableResult
    func settle(_ published: Int, seconds: Int = 30, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> Int
    {
        try await bus.wait(seconds: seconds, "\(published) events are booked", sourceLocation: sourceLocation) {
            try await sum(.applied) == published
        }
        var books: [Book: [String: Int]] = [:]
        for book in Book.allCases {
            books[book] = try await bus.hash(bus.names.book(plugin, book)).mapValues { Int($0) ?? -1 }
        }
        for (source, fence) in books[.applied] ?? [:] {
            let booked = Book.allCases.filter { $0 != .applied }.reduce(0) { $0 + (books[$1]?[source] ?? 0) }
            #expect(booked == fence, "books of \(source)", sourceLocation: sourceLocation)
        }
        let handled = try await sum(.handled)
        let counters = try await bus.hash(bus.names.counters(plugin))
        #expect(counters["requests"] ?? "0" == "\(handled)", "nothing counts twice", sourceLocation: sourceLocation)
        for family in ["status", "route", "method"] {
            let values = try await bus.hash(bus.names.counterFamily(plugin, family)).values
            #expect(values.reduce(0) { $0 + (Int($1) ?? -1) } == handled, "\(family)", sourceLocation: sourceLocation)
        }
        return try await sum(.missed)
    }

    // MARK: Lanes

    /// How many hear each lane, as Redis knows it.
    func hearers() async throws -> [Int] {
        let channels = (0..<lanes).map { bus.names.events(type: HTTPRequest.eventType, lane: $0) }
        let connection = try await bus.connection()
        let reply = try await connection.send(RedisCommand(words: ["PUBSUB", "NUMSUB"] + channels)).get()
        try await connection.close().get()
        let counts = Dictionary(try reply.stringPairs()) { $1 }
        return channels.map { Int(counts[$0] ?? "0") ?? 0 }
    }

    /// Ids of the connections of replicas that hear lanes.
    func subscriptions() async throws -> [String] {
        let text = try await bus.command("CLIENT", "LIST", "TYPE", "pubsub").string()
        return text.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first { $0.hasPrefix("id=") }.map { String($0.dropFirst(3)) }
        }
    }

    /// Replica → what its hash says of one figure.
    func figures(_ field: String) async throws -> [String: Int] {
        let prefix = bus.names.replica(plugin, "")
        var found: [String: Int] = [:]
        for key in try await bus.command("KEYS", prefix + "*").array() {
            found[String(try key.string().dropFirst(prefix.count))] =
                Int(try await bus.command("HGET", key.string(), field).stringOrNil() ?? "") ?? 0
        }
        return found
    }
}

/// A wait that is part of a scenario: how long a fault lasts, how far apart two are. Nothing is awaited by it.
func elapse(_ duration: Duration) async throws {
    try await Task.sleep(for: duration)
}
