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

    @Test("a call of apply with 64 sources takes Redis less than 500 us where nothing disturbs it")
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
            // The fastest tenth. This is not the promise that a flush costs less than 1 % of a core, which is about all of the
            // server's CPU time and does not hold on every machine: docs/performance.md.
            let percentile = RedisCommand("CONFIG", "SET", "latency-tracking-info-percentiles", "10")
            _ = try await connection.send(percentile).get()
            for flush in 0..<Self.flushes {
                for lane in 0..<Self.sources { hear(lane, flush, &intake) }
                let groups = intake.seal()
                #expect(groups.map(\.ranges.count) == [Self.sources])
                let arguments = BatchEncoding.arguments(groups, sources: intake.sources, maxFields: 10_000)
                let reply = try await connection.evaluate(
                    Scripts.apply, keys: [bus.names.prefix(bus.plugin)], arguments: arguments
                ).get()
                guard case [.applied] = try BatchEncoding.outcomes(reply, groups: groups) else {
                    Issue.record("flush \(flush) was refused")
                    return
                }
                for group in groups { intake.applied(group) }
            }
            // `latency_percentiles_usec_evalsha:p10=311.295`
            let text = try await connection.send(RedisCommand("INFO", "latencystats")).get().string()
            let line = try #require(text.split(whereSeparator: \.isNewline).first { $0.contains("_evalsha:") })
            let cost = try #require(line.split(separator: "=").last.flatMap { Double($0) })
            #expect(cost < 500, "microseconds a call")
            try await connection.close().get()
            let events = Self.sources * Self.eventsEach * Self.flushes
            #expect(try await bus.sum(.handled) == events)
            #expect(try await bus.hash(bus.names.counters(bus.plugin))["requests"] == "\(events)")
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
