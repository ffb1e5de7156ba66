import NIOCore
import Outboard
import RedisClient
import Testing

@testable import OutboardRedis

/// What request-counter says of a request, of pings.
private struct RequestLike: Plugin {
    static let manifest = Manifest(name: "ping-counter", version: "1.0.0", summary: "Counts pings.")

    func effects(of event: Event<Ping>, into effects: inout Effects) {
        effects.increment("requests")
        effects.increment("status", field: event.data.number.isMultiple(of: 10) ? "404" : "200")
        effects.increment("method", field: "GET")
        effects.increment("route", field: "/users/{id}")
        effects.increment("requests", per: .minute)
    }
}

@Suite("What a flush costs Redis", .timeLimit(.minutes(1)))
struct FlushCostTests {
    private static let sources = 64
    private static let eventsEach = 8
    private static let flushes = 300
    /// Microseconds. At one every 50 ms the same flush costs more, from cold caches: docs/performance.md.
    private static let bound = 500.0

    @Test("a flush of 64 sources costs Redis less than 500 us of its processor where one follows the other")
    func cost() async throws {
        try await BusFixture.with { bus in
            let connection = try await bus.connection()
            var intake = Intake(plugin: RequestLike(), lanes: Self.sources, logger: BusFixture.logger)
            intake.redisNow = Timestamp.now.microseconds
            for lane in 0..<Self.sources {
                intake.hear(lane)
                let index = intake.addSource(publisher: "p-0123456789abcdef", lane: lane)
                let fence = RedisCommand("HSET", bus.names.book(bus.plugin, .applied), intake.sources[index].text, "0")
                _ = try await connection.send(fence).get()
                intake.settle(index, fence: 0)
            }
            // All are prepared before: one right behind the other they find the server awake, as it is where events flow.
            let calls = (0..<Self.flushes).map { flush in
                for lane in 0..<Self.sources { hear(lane, flush, &intake) }
                let groups = intake.seal()
                for group in groups { intake.applied(group) }
                return (groups, BatchEncoding.arguments(groups, sources: intake.sources, maxFields: 10_000))
            }
            #expect(calls.allSatisfy { $0.0.map(\.ranges.count) == [Self.sources] })
            let before = try await processorTime(connection)
            for (groups, arguments) in calls {
                let reply = try await connection.evaluate(
                    Scripts.apply, keys: [bus.names.prefix(bus.plugin)], arguments: arguments
                ).get()
                guard case [.applied] = try BatchEncoding.outcomes(reply, groups: groups) else {
                    Issue.record("a flush was refused")
                    return
                }
            }
            let cost = try await (processorTime(connection) - before) / Double(Self.flushes)
            #expect(cost < Self.bound, "microseconds a flush: reading, script, writing, answering")
            try await connection.close().get()
            let events = Self.sources * Self.eventsEach * Self.flushes
            #expect(try await bus.sum(.handled) == events)
            #expect(try await bus.hash(bus.names.counters(bus.plugin))["requests"] == "\(events)")
        }
    }

    /// All that the server has used of its processor so far: microseconds.
    private func processorTime(_ connection: RedisConnection) async throws -> Double {
        // `used_cpu_sys:0.021` and `used_cpu_user:0.047`, in seconds.
        let text = try await connection.send(RedisCommand("INFO", "cpu")).get().string()
        let lines = text.split(whereSeparator: \.isNewline)
        return try ["used_cpu_sys:", "used_cpu_user:"].reduce(0) { sum, name in
            let line = try #require(lines.first { $0.hasPrefix(name) })
            return try sum + 1_000_000 * #require(Double(line.dropFirst(name.count)))
        }
    }

    private func hear(_ lane: Int, _ flush: Int, _ intake: inout Intake) {
        let first = flush * Self.eventsEach + 1
        let events = (first..<first + Self.eventsEach).map { id in
            #"{"specversion":"1.0","source":"/p-0123456789abcdef/test.ping/\#(lane)","id":"\#(id)","type":"test.ping","#
                + #""time":"\#(Timestamp.now)","datacontenttype":"application/json","data":{"number":\#(id)}}"#
        }
        Array("[\(events.joined(separator: ","))]".utf8).withUnsafeBytes { intake.receive($0, lane: lane) }
    }
}
