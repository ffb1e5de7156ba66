import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("One replica and a Redis that refuses", .timeLimit(.minutes(2)), .serialized)
struct RefusalTests {
    @Test("a full Redis: effects wait, and all are counted when there is room again")
    func full() async throws {
        try await BusFixture.with { bus in
            try await bus.withReplica {
                try await bus.withPublisher { publisher in
                    try Self.publish(100, on: publisher)
                    try await bus.wait("100 counted") { try await bus.pings == 100 }
                    _ = try await bus.command("CONFIG", "SET", "maxmemory", "1")
                    try Self.publish(100, on: publisher)
                    // Longer than a lease, so that the replica's own writes are refused, too.
                    try await elapse(.seconds(4))
                    #expect(try await bus.pings == 100)
                    _ = try await bus.command("CONFIG", "SET", "maxmemory", "0")
                    try await bus.wait("200 counted") { try await bus.pings == 200 }
                }
            }
            #expect(try await bus.sum(.missed) == 0)
            #expect(try await bus.expectBalancedBooks() == 200)
        }
    }

    @Test("a book of the wrong type: what needs it waits, the rest goes on, and the replica says why")
    func wrongType() async throws {
        try await BusFixture.with { bus in
            let missed = bus.names.book(bus.plugin, .missed)
            _ = try await bus.command("SET", missed, "planted")
            try await bus.withReplica {
                let before = try await bus.subscribers()
                try await bus.withPublisher { publisher in
                    try await Self.leaveHole(on: bus)
                    try await bus.wait("the replica says why") {
                        try await bus.replicaField("error").contains(missed)
                    }
                    #expect(try await bus.replicaField("state") == "failed")
                    try Self.publish(100, on: publisher)
                    try await bus.wait("events of other sources are counted") { try await bus.pings == 100 }
                    #expect(try await bus.subscribers() == before, "the subscription stays")
                    _ = try await bus.command("DEL", missed)
                    try await bus.wait("the hole is booked") { try await bus.sum(.missed) == 1 }
                    try await bus.wait("all is well") { try await bus.replicaField("state") == "running" }
                }
            }
            try await bus.expectBalancedBooks()
        }
    }

    @Test(
        "a damaged field of a book: nothing is applied until it is mended, then everything",
        arguments: ["junk", "", "-3", "1.5"])
    func damagedField(_ text: String) async throws {
        try await BusFixture.with { bus in
            let handled = bus.names.book(bus.plugin, .handled)
            try await bus.withReplica {
                try await bus.withPublisher { publisher in
                    try Self.publish(10, on: publisher, key: "k")
                    try await bus.wait("10 counted") { try await bus.pings == 10 }
                    let source = try #require(try await bus.hash(handled).keys.first)
                    _ = try await bus.command("HSET", handled, source, text)
                    try Self.publish(10, on: publisher, key: "k")
                    try await bus.wait("the replica names the field") {
                        let error = try await bus.replicaField("error")
                        return error.contains(handled) && error.contains(source)
                    }
                    #expect(try await bus.pings == 10)
                    #expect(try await bus.sum(.applied) == 10)
                    _ = try await bus.command("HSET", handled, source, "10")
                    try await bus.wait("20 counted") { try await bus.pings == 20 }
                }
            }
            #expect(try await bus.expectBalancedBooks() == 20)
        }
    }

    private static func publish(_ count: Int, on publisher: Publisher, key: String? = nil) throws {
        for _ in 0..<count { try publisher.accept(Ping(number: 1), key: key, traceparent: nil, time: .now) }
    }

    /// A source of which number 1 never comes.
    private static func leaveHole(on bus: BusFixture) async throws {
        let record = bus.names.publisher("stranger-1")
        _ = try await bus.command("HSET", record, "started", "9999999999999", "test.ping/3", "0")
        _ = try await bus.command("ZADD", bus.names.publishers, "9999999999999", "stranger-1")
        let event =
            #"{"specversion":"1.0","source":"/stranger-1/test.ping/3","id":"2","type":"test.ping","#
            + #""time":"2026-11-21T10:00:00Z","data":{"number":-1}}"#
        _ = try await bus.command("PUBLISH", bus.names.events(type: "test.ping", lane: 3), event)
    }
}

extension BusFixture {
    /// A field of the only replica's hash.
    func replicaField(_ field: String) async throws -> String {
        guard let key = try await command("KEYS", names.replica(plugin, "") + "*").array().first else { return "" }
        return try await command("HGET", key.string(), field).stringOrNil() ?? ""
    }

    /// Ids of the connections that have subscribed to something.
    func subscribers() async throws -> [String] {
        try await command("CLIENT", "LIST", "TYPE", "pubsub").string().split(separator: "\n").compactMap {
            $0.split(separator: " ").first.map(String.init)
        }
    }
}
