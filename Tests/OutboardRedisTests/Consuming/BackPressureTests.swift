import NIOCore
import NIOPosix
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

/// A payload that is large, so that few make a backlog.
struct Crate: EventPayload {
    static let eventType = "test.crate"
    var filler: String
}

struct CrateCounter: Plugin {
    static let manifest = Manifest(name: "ping-counter", version: "1.0.0", summary: "Counts crates.")

    func effects(of event: Event<Crate>, into effects: inout Effects) {
        effects.increment("pings")
    }
}

extension Replica {
    fileprivate var readsOn: Bool { session.reading?.isOn ?? true }
    fileprivate var keptBytes: Int { hot.intake.keptBytes }
    fileprivate var letGo: UInt64 { hot.intake.figures.letGo }
    fileprivate var isFailed: Bool { state == .failed }
}

@Suite("A replica whose effects wait for Redis", .timeLimit(.minutes(1)), .serialized)
struct BackPressureTests {
    private static let crates = 150
    private static let crateBytes = 64 << 10
    private static let limits = Backlog.Limits(flushBytes: 1 << 20, stopBytes: 4 << 20, goOnBytes: 2 << 20)

    @Test("stops reading, keeps a bounded part, lets nothing go, and counts all of it in the end")
    func slowRedis() async throws {
        try await BusFixture.with { bus in
            let proxy = try TCPProxy(to: bus.redis.port)
            try await Self.withReplica(of: bus, url: proxy.url) { replica in
                try await bus.withPublisher { publisher in
                    // The first one makes the source known; from then on each flush is one call.
                    try Self.publish(1, on: publisher)
                    try await bus.wait("the first is counted") { try await bus.pings == 1 }
                    proxy.holdReply(toRequestContaining: "EVALSHA")
                    try Self.publish(Self.crates - 1, on: publisher)
                    try await bus.wait("the replica stops reading") { await !replica.readsOn }
                    try await bus.wait("all is published") { publisher.statistics.buffered == 0 }
                    // What one turn of the read loop may bring comes on top.
                    #expect(await replica.keptBytes <= Self.limits.stopBytes + 1 << 20)
                    #expect(try await bus.pings < Self.crates)
                    proxy.releaseReplies()
                    try await bus.wait("all are counted") { try await bus.pings == Self.crates }
                    #expect(await replica.readsOn)
                    #expect(await replica.letGo == 0)
                }
            }
            proxy.stop()
            #expect(try await bus.sum(.missed) == 0)
            #expect(try await bus.expectBalancedBooks() == Self.crates)
        }
    }

    @Test("reads on while Redis refuses its effects, and counts what it keeps when Redis takes them again")
    func refusingRedis() async throws {
        try await BusFixture.with { bus in
            try await Self.withReplica(of: bus, url: bus.redis.url) { replica in
                try await bus.withPublisher { publisher in
                    try Self.publish(1, on: publisher)
                    try await bus.wait("the first is counted") { try await bus.pings == 1 }
                    // A book of the wrong type makes the script fail as a whole, however often it is asked.
                    let book = bus.names.book(bus.plugin, .applied)
                    _ = try await bus.command("RENAME", book, "aside")
                    _ = try await bus.command("SET", book, "planted")
                    try Self.publish(Self.crates - 1, on: publisher)
                    try await bus.wait("more is kept than stops a healthy replica") {
                        await replica.keptBytes > 2 * Self.limits.stopBytes
                    }
                    #expect(await replica.isFailed)
                    #expect(await replica.readsOn)
                    _ = try await bus.command("RENAME", "aside", book)
                    try await bus.wait("all are counted") { try await bus.pings == Self.crates }
                }
            }
            #expect(try await bus.sum(.missed) == 0)
            #expect(try await bus.expectBalancedBooks() == Self.crates)
        }
    }

    private static func publish(_ count: Int, on publisher: Publisher) throws {
        let parcel = Crate(filler: String(repeating: "x", count: crateBytes))
        for _ in 0..<count { try publisher.accept(parcel, key: "k", traceparent: nil, time: .now) }
    }

    /// The replica has a thread of its own, lest other tests wait while it scans megabytes.
    private static func withReplica(
        of bus: BusFixture, url: String, _ body: @escaping @Sendable (Replica<CrateCounter>) async throws -> Void
    ) async throws {
        var settings = ReplicaSettings(
            redis: try RedisSettings(url: url), names: bus.names, lanes: bus.lanes, host: "here", pid: 1)
        settings.backlog = limits
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let (ready, announce) = AsyncStream<Void>.makeStream()
        let replica = try await Replica(
            plugin: CrateCounter(), name: bus.plugin, settings: settings,
            eventLoop: threads.next(), logger: BusFixture.logger
        ) { announce.finish() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await replica.run() }
            for await _ in ready {}
            try await body(replica)
            group.cancelAll()
            try await group.waitForAll()
        }
        try await threads.shutdownGracefully()
    }
}

@Suite("The backlog of a replica")
struct BacklogTests {
    private let limits = Backlog.Limits(flushBytes: 10, stopBytes: 100, goOnBytes: 50)

    @Test("a batch is due by its own size, whatever is on its way")
    func due() {
        var backlog = Backlog(limits: limits)
        backlog.keep(9)
        #expect(!backlog.isDue)
        backlog.keep(1)
        #expect(backlog.isDue)
        backlog.seal()
        #expect(!backlog.isDue)
        #expect(backlog.sealed == 10)
    }

    @Test("reading stops when all of it is too much, and goes on when half is gone")
    func reading() {
        var backlog = Backlog(limits: limits)
        backlog.keep(99)
        backlog.seal()
        #expect(backlog.mayRead(isReading: true))
        backlog.keep(1)
        #expect(!backlog.mayRead(isReading: true))
        backlog.release(50)
        #expect(!backlog.mayRead(isReading: false))
        backlog.release(1)
        #expect(backlog.mayRead(isReading: false))
    }
}
