import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("BookReader", .timeLimit(.minutes(2)), .serialized)
struct BookReaderTests {
    private static let source = "/core-0123456789abcdef/test.ping/3"

    /// The audit of the fixture's plugin as it stands.
    private func looked(at bus: BusFixture) async throws -> PluginAudit {
        let connection = try await bus.connection()
        let books = try await BookReader(names: bus.names, redis: connection).books(of: bus.plugin)
        try await connection.close().get()
        return PluginAudit(books)
    }

    @Test("finds that the books of a replica at work balance, at every look")
    func busy() async throws {
        try await BusFixture.with { bus in
            try await bus.withReplica {
                try await bus.withPublisher { publisher in
                    for round in 1...40 {
                        for number in 0..<50 {
                            try publisher.accept(
                                Ping(number: number == 7 ? -1 : 1), key: "k\(number % 5)", traceparent: nil, time: .now)
                        }
                        // Read while flushes and records are on their way.
                        let audit = try await looked(at: bus)
                        #expect(audit.holds, "look \(round): \(audit.wrong)")
                        #expect(audit.inFlight >= 0)
                    }
                    try await bus.wait("all are applied") { try await bus.sum(.applied) == 2_000 }
                    try await bus.wait("all are recorded") { publisher.statistics.buffered == 0 }
                }
            }
            let audit = try await looked(at: bus)
            #expect(audit.holds)
            #expect(audit.inFlight == 0)
            #expect(
                audit.sum
                    == PluginAudit.Entry(published: 2_000, books: [.applied: 2_000, .handled: 1_960, .failed: 40]))
        }
    }

    @Test("finds an imbalance that was planted in one source among many")
    func planted() async throws {
        try await BusFixture.with { bus in
            for lane in 0..<8 {
                let source = "/core-0123456789abcdef/test.ping/\(lane)"
                _ = try await bus.command("HSET", bus.names.book(bus.plugin, .applied), source, "10")
                _ = try await bus.command("HSET", bus.names.book(bus.plugin, .handled), source, "10")
            }
            #expect(try await looked(at: bus).holds)
            _ = try await bus.command("HINCRBY", bus.names.book(bus.plugin, .missed), Self.source, "1")
            let audit = try await looked(at: bus)
            #expect(!audit.holds)
            #expect(audit.wrong.map(\.source) == [Self.source])
            #expect(audit.wrong.first?.imbalance == "handled 10 + missed 1 = 11, but applied is 10")
        }
    }

    @Test("reports a book of a wrong type by its key, with the mend", arguments: Book.allCases)
    func wrongType(book: Book) async throws {
        try await BusFixture.with { bus in
            _ = try await bus.command("HSET", bus.names.book(bus.plugin, .applied), Self.source, "0")
            let key = bus.names.book(bus.plugin, book)
            _ = try await bus.command("DEL", key)
            _ = try await bus.command("RPUSH", key, "planted")
            let audit = try await looked(at: bus)
            #expect(!audit.holds)
            let damage = try #require(audit.damages.first)
            #expect(damage.place == key)
            #expect(damage.problem == "is a list, not a hash")
            #expect(damage.mend.contains("RENAME \(key)"))
        }
    }

    @Test("reports what is not a number of events", arguments: ["twelve", "-1", "", "1.5", "9223372036854775808"])
    func notANumber(text: String) async throws {
        try await BusFixture.with { bus in
            let key = bus.names.book(bus.plugin, .failed)
            _ = try await bus.command("HSET", key, Self.source, text)
            let audit = try await looked(at: bus)
            #expect(!audit.holds)
            #expect(audit.damages.map(\.place) == ["\(key) \(Self.source)"])
        }
    }

    @Test("takes forgotten publishers from the totals, and leaves their records out")
    func forgotten() async throws {
        try await BusFixture.with { bus in
            let names = bus.names
            _ = try await bus.command("HSET", names.totals(bus.plugin), "applied", "9", "handled", "9")
            _ = try await bus.command("ZADD", names.retired(bus.plugin), "1", "old-0123456789abcdef")
            _ = try await bus.command("ZADD", names.publishers, "1", "old-0123456789abcdef")
            _ = try await bus.command("HSET", names.publisher("old-0123456789abcdef"), "test.ping/0", "9")
            _ = try await bus.command("SET", names.manifest(bus.plugin), #"{"subscribes":["test.ping"]}"#)
            let audit = try await looked(at: bus)
            #expect(audit.holds)
            #expect(audit.forgotten[.handled] == 9)
            #expect(audit.sources.isEmpty)
            _ = try await bus.command("HSET", names.totals(bus.plugin), "handled", "8")
            #expect(try await !looked(at: bus).holds)
            _ = try await bus.command("HSET", names.totals(bus.plugin), "handled", "9", "counted", "1")
            #expect(try await looked(at: bus).damages.map(\.problem) == ["is not the name of a book"])
        }
    }

    @Test("shows what a record counts of a subscribed type and nobody has dealt with")
    func unheard() async throws {
        try await BusFixture.with { bus in
            let names = bus.names
            _ = try await bus.command("ZADD", names.publishers, "1", "core-0123456789abcdef")
            _ = try await bus.command(
                "HSET", names.publisher("core-0123456789abcdef"), "test.ping/0", "0", "test.ping/3", "5", "other/3",
                "7",
                "started", "1")
            _ = try await bus.command("SET", names.manifest(bus.plugin), #"{"subscribes":["test.ping"]}"#)
            let audit = try await looked(at: bus)
            #expect(audit.holds)
            #expect(audit.inFlight == 5)
            #expect(audit.sources.keys.sorted() == [Self.source])
        }
    }
}
