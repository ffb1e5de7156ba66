import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("One replica", .timeLimit(.minutes(2)), .serialized)
struct ExactnessTests {
    @Test("counts every event once and applies every kind of effect")
    func counts() async throws {
        try await BusFixture.with { bus in
            try await bus.withReplica {
                try await bus.withPublisher { publisher in
                    for number in 1...10_000 {
                        try publisher.accept(
                            Ping(number: number), key: number.isMultiple(of: 3) ? "k\(number % 7)" : nil,
                            traceparent: nil, time: .now)
                    }
                    try await bus.wait("10 000 events counted") { try await bus.pings == 10_000 }
                }
            }
            #expect(try await bus.pings == 10_000)
            #expect(try await bus.hash(bus.names.counters(bus.plugin))["sum"] == "50005000")
            #expect(
                try await bus.hash(bus.names.counterFamily(bus.plugin, "parity")) == ["even": "5000", "odd": "5000"])
            let prefix = bus.names.prefix(bus.plugin)
            #expect(try await bus.hash(prefix + "maximum") == ["number": "10000"])
            #expect(try await bus.hash(prefix + "minimum") == ["number": "1"])
            #expect(try await bus.hash(prefix + "histogram:number")["count"] == "10000")
            #expect(try await bus.hash(prefix + "histograms:number") == ["even": "5000", "odd": "5000"])
            let fields = try await bus.hash(prefix + "histograms:number:even")
            let even = Histogram(fields: fields.compactMapValues { Int($0) })
            #expect(even.count == 5_000 && even.buckets.reduce(0) { $0 + $1.count } == 5_000)
            #expect(even.sum == 25_005_000)
            let day = try #require(
                try await bus.command("KEYS", prefix + "unique:parities:*").array().first?.string())
            #expect(try await bus.command("PFCOUNT", day).int64() == 2)
            #expect(try await bus.command("ZSCORE", prefix + "rank:numbers", "3").string() == "2000")
            let unique = try await bus.command("PFCOUNT", prefix + "unique:numbers").int64()
            #expect((9_700...10_300).contains(unique))
            let series = try await bus.command("KEYS", prefix + "series:pings:minute:*").array()
            var perMinute = 0
            for key in series {
                #expect(try await bus.command("TTL", key.string()).int64() > 13 * 86_400)
                perMinute += try await bus.hash(key.string()).values.reduce(0) { $0 + (Int($1) ?? 0) }
            }
            #expect(perMinute == 10_000)
            #expect(try await bus.expectBalancedBooks() == 10_000)
            #expect(try await bus.sum(.handled) == 10_000)
        }
    }

    @Test("books what a handler refuses as failed, and none of its effects")
    func failures() async throws {
        try await BusFixture.with { bus in
            try await bus.withReplica {
                try await bus.withPublisher { publisher in
                    for number in 1...100 {
                        try publisher.accept(
                            Ping(number: number.isMultiple(of: 4) ? -1 : 1), key: nil, traceparent: nil, time: .now)
                    }
                    try await bus.wait("100 events booked") { try await bus.sum(.applied) == 100 }
                }
            }
            #expect(try await bus.sum(.failed) == 25)
            #expect(try await bus.pings == 75)
            try await bus.expectBalancedBooks()
        }
    }

    @Test("books what nobody heard as missed: the events before its return")
    func missedWhileAway() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { publisher in
                @Sendable func publish(_ count: Int) throws {
                    for _ in 0..<count { try publisher.accept(Ping(number: 1), key: "k", traceparent: nil, time: .now) }
                }
                try await bus.withReplica {
                    try publish(100)
                    try await bus.wait("first 100 counted") { try await bus.pings == 100 }
                }
                try publish(50)
                try await bus.wait("50 more recorded") { publisher.statistics.buffered == 0 }
                try await bus.withReplica {
                    try publish(25)
                    try await bus.wait("the last 25 counted") { try await bus.pings == 125 }
                }
            }
            #expect(try await bus.sum(.missed) == 50)
            #expect(try await bus.expectBalancedBooks() == 175)
        }
    }

    @Test("sees a loss at the end of a source, where no later event shows it")
    func missedTail() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { publisher in
                try await bus.withReplica {
                    try publisher.accept(Ping(number: 1), key: "k", traceparent: nil, time: .now)
                    try await bus.wait("the first counted") { try await bus.pings == 1 }
                }
                for _ in 0..<7 { try publisher.accept(Ping(number: 1), key: "k", traceparent: nil, time: .now) }
                try await bus.wait("7 more recorded") { publisher.statistics.buffered == 0 }
                try await bus.withReplica {
                    try await bus.wait("the tail booked") { try await bus.sum(.missed) == 7 }
                }
            }
            #expect(try await bus.pings == 1)
            #expect(try await bus.expectBalancedBooks() == 8)
        }
    }

    @Test("takes what was published before its time as baseline")
    func baseline() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { publisher in
                for _ in 0..<30 { try publisher.accept(Ping(number: 1), key: "k", traceparent: nil, time: .now) }
                try await bus.wait("30 recorded") {
                    publisher.statistics.accepted == 30 && publisher.statistics.buffered == 0
                }
                try await bus.withReplica {
                    for _ in 0..<5 { try publisher.accept(Ping(number: 1), key: "k", traceparent: nil, time: .now) }
                    try await bus.wait("5 counted") { try await bus.pings == 5 }
                }
            }
            #expect(try await bus.sum(.baseline) == 30)
            #expect(try await bus.expectBalancedBooks() == 35)
        }
    }

    @Test("takes as baseline, not as missed, what a record that is 50 ms behind does not show yet")
    func baselineBehindRecord() async throws {
        try await BusFixture.with { bus in
            let names = bus.names
            // A publisher that has registered, and has just published its first event; its record comes in a moment.
            let record = names.publisher("busy-1")
            let lanes = (0..<bus.lanes).flatMap { ["test.ping/\($0)", "0"] }
            let connection = try await bus.connection()
            _ = try await connection.send(RedisCommand(words: ["HSET", record, "started", "1"] + lanes)).get()
            _ = try await bus.command("ZADD", names.publishers, "9999999999999", "busy-1")
            let replica = try await bus.replica()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await replica.run() }
                // The replica hears its lanes; whatever the record counts now came before.
                try await bus.wait("the replica hears") {
                    let channel = names.events(type: Ping.eventType, lane: 3)
                    return try await bus.command("PUBSUB", "NUMSUB", channel).array().last?.int64() == 1
                }
                _ = try await connection.send(RedisCommand("HSET", record, "test.ping/3", "1")).get()
                try await bus.wait("the source is booked") { try await bus.sum(.applied) == 1 }
                group.cancelAll()
            }
            try await connection.close().get()
            #expect(try await bus.sum(.baseline) == 1)
            #expect(try await bus.sum(.missed) == 0)
        }
    }

    @Test("counts on when an effect cannot be applied, and books it as rejected")
    func rejected() async throws {
        try await BusFixture.with { bus in
            let prefix = bus.names.prefix(bus.plugin)
            _ = try await bus.command("SET", prefix + "counters:parity", "planted")
            _ = try await bus.command("HSET", prefix + "counters", "sum", "9223372036854775807")
            try await bus.withReplica {
                try await bus.withPublisher { publisher in
                    for _ in 0..<10 { try publisher.accept(Ping(number: 2), key: "k", traceparent: nil, time: .now) }
                    try await bus.wait("10 counted") { try await bus.pings == 10 }
                }
            }
            let rejected = try await bus.hash(bus.names.rejected(bus.plugin))
            #expect(rejected == ["counters:parity": "10", "counters": "10"])
            #expect(try await bus.expectBalancedBooks() == 10)
        }
    }
}
