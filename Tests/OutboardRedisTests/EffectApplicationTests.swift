import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

/// `apply.lua` alone, on a real Redis: one source, groups made by hand.
@Suite("What apply.lua does with effects by field and by day", .timeLimit(.minutes(1)))
struct EffectApplicationTests {
    /// Sends one group of events `from` to `to`; returns whether it was applied.
    private func apply(
        _ bus: BusFixture, from: UInt64, to: UInt64, maxFields: Int = 10_000, _ fill: (inout Effects) -> Void
    ) async throws -> Bool {
        var group = Batch.Group()
        group.ranges = [Batch.Range(source: 0, from: from, to: to, handled: to - from + 1)]
        let now = Timestamp.now.microseconds
        group.effects.begin(time: now, now: now)
        fill(&group.effects)
        try group.effects.commit()
        let text = "/p-1/t/0"
        let source = ReplicaSource(text: text, bytes: Array(text.utf8), publisher: "p-1", lane: 0, firstSeen: 0)
        let arguments = BatchEncoding.arguments([group], sources: [source], maxFields: maxFields)
        let connection = try await bus.connection()
        let reply = try await connection.evaluate(
            Scripts.apply, keys: [bus.names.prefix(bus.plugin)], arguments: arguments
        ).get()
        try await connection.close().get()
        return try BatchEncoding.outcomes(reply, groups: [group]) == [.applied]
    }

    private func begin(_ bus: BusFixture) async throws -> String {
        _ = try await bus.command("HSET", bus.names.book(bus.plugin, .applied), "/p-1/t/0", "0")
        return bus.names.prefix(bus.plugin)
    }

    @Test("a field's histogram is a hash of its own, listed with its count; the same group twice counts once")
    func histograms() async throws {
        try await BusFixture.with { bus in
            let prefix = try await begin(bus)
            for isFirst in [true, false] {
                let applied = try await apply(bus, from: 1, to: 3) { effects in
                    for value in [3, 3, 1_000] { effects.observe("d", field: "/a:b", value) }
                    effects.observe("d", field: "", 7)
                }
                #expect(applied == isFirst)
            }
            #expect(try await bus.hash(prefix + "histograms:d") == ["/a:b": "3", "": "1"])
            #expect(
                try await bus.hash(prefix + "histograms:d:/a:b")
                    == ["3": "2", "1023": "1", "count": "3", "sum": "1006"])
            #expect(try await bus.hash(prefix + "histograms:d:") == ["7": "1", "count": "1", "sum": "7"])
        }
    }

    @Test("a full list sends whole histograms to (other), and goes on with those it has")
    func full() async throws {
        try await BusFixture.with { bus in
            let prefix = try await begin(bus)
            for round in UInt64(1)...2 {
                _ = try await apply(bus, from: round, to: round, maxFields: 2) { effects in
                    for field in ["a", "b", "c", "d"] { effects.observe("d", field: field, 5) }
                }
            }
            #expect(try await bus.hash(prefix + "histograms:d") == ["a": "2", "b": "2", "(other)": "4"])
            for (field, count) in [("a", "2"), ("b", "2"), ("(other)", "4")] {
                let hash = try await bus.hash(prefix + "histograms:d:\(field)")
                #expect(hash["count"] == count && hash["5"] == count, "\(field)")
            }
            #expect(try await bus.command("EXISTS", prefix + "histograms:d:c").int64() == 0)
        }
    }

    @Test("a list that cannot be written rejects all parts, so that no histogram is there unlisted")
    func planted() async throws {
        try await BusFixture.with { bus in
            let prefix = try await begin(bus)
            _ = try await bus.command("SET", prefix + "histograms:d", "planted")
            #expect(try await apply(bus, from: 1, to: 1) { $0.observe("d", field: "a", 5) })
            #expect(try await bus.command("EXISTS", prefix + "histograms:d:a").int64() == 0)
            #expect(try await bus.hash(bus.names.rejected(bus.plugin)) == ["histograms:d": "3"])
            #expect(try await bus.hash(bus.names.book(bus.plugin, .applied)) == ["/p-1/t/0": "1"])
        }
    }

    @Test("the different elements of a day lie in a key that expires; those of all time in one that does not")
    func unique() async throws {
        try await BusFixture.with { bus in
            let prefix = try await begin(bus)
            _ = try await apply(bus, from: 1, to: 1) { effects in
                for element in ["a", "b", "a"] {
                    effects.unique("u", element: element)
                    effects.unique("u", per: .day, element: element)
                }
            }
            let keys = try await bus.command("KEYS", prefix + "unique:u:*").array()
            let key = try #require(try keys.first?.string())
            #expect(keys.count == 1 && key.count == prefix.count + "unique:u:2026-11-20".count)
            #expect(try await bus.command("PFCOUNT", key).int64() == 2)
            #expect((799 * 86_400...800 * 86_400).contains(try await bus.command("TTL", key).int64()))
            #expect(try await bus.command("PFCOUNT", prefix + "unique:u").int64() == 2)
            #expect(try await bus.command("TTL", prefix + "unique:u").int64() == -1)
        }
    }
}
