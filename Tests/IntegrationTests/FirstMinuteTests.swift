import Foundation
import OutboardRedis
import OutboardTesting
import Testing

@Suite("The first minute, as processes", .timeLimit(.minutes(3)), .serialized)
struct FirstMinuteTests {
    private static let requests = 10_000

    @Test("10 000 requests are exactly 10 000 in the counters, 200 ms after the last answer")
    func exactCounters() async throws {
        try await RealBus.with { bus in
            let plugin = try await bus.startPlugin()
            try await Core.with(bus.environment) { core in
                try await bus.wait("the bus is connected") { try await core.metric("outboard_bus_connected") == 1 }
                let report = try await HTTPLoad.run(Self.requests, port: core.port)
                #expect(report.statuses == [200: Self.requests] && report.unanswered == 0)
                // One look, at the time that is promised: not a wait until it is right.
                try await Task.sleep(until: report.lastAnswer + .milliseconds(200), clock: .continuous)
                #expect(try await bus.counter("requests") == Self.requests)

                let route = try await bus.numbers(bus.names.counterFamily(bus.plugin, "route"))
                #expect(route == ["/hello": Self.requests / 2, "/users/{id}": Self.requests / 2])
                #expect(try await bus.numbers(bus.names.counterFamily(bus.plugin, "status")) == ["200": Self.requests])
                #expect(try await bus.numbers(bus.names.counterFamily(bus.plugin, "method")) == ["GET": Self.requests])
                try await bus.waitUntilBooked(Self.requests)
                try await bus.expectBalancedBooks()
                #expect(try await bus.book(.handled).values.reduce(0, +) == Self.requests)
            }
            plugin.terminate()
            #expect(try await plugin.waitForExit() == 0)
        }
    }

    @Test("anyone who subscribes hears readable CloudEvents, numbered from 1 without holes in each source")
    func readableEvents() async throws {
        try await RealBus.with { bus in
            let tap = try await EventTap.open(port: bus.redis.port)
            try await Core.with(bus.environment) { core in
                try await bus.wait("the bus is connected") { try await core.metric("outboard_bus_connected") == 1 }
                let report = try await HTTPLoad.run(3_000, port: core.port)
                #expect(report.statuses == [200: 3_000])
                try await bus.wait("all events are heard") { try tap.events().count >= 3_000 }
            }
            let events = try tap.events()
            #expect(events.count == 3_000)
            var numbers: [String: [Int]] = [:]
            for (channel, event) in events {
                let source = try #require(event["source"] as? String)
                let parts = source.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
                try #require(parts.count == 4 && parts[0].isEmpty && parts[1].hasPrefix("core-"))
                #expect(channel == "outboard:events:\(parts[2]):\(parts[3])")
                try Self.expectCloudEvent(event)
                let id = try #require((event["id"] as? String).flatMap { Int($0) })
                numbers[source, default: []].append(id)
            }
            for (source, ids) in numbers { #expect(ids == Array(1...ids.count), "numbers of \(source)") }
            #expect(try await bus.published() == numbers.mapValues(\.count))
            try await tap.close()
        }
    }

    private static func expectCloudEvent(_ event: [String: Any]) throws {
        #expect(event["specversion"] as? String == "1.0" && event["type"] as? String == "http.request")
        let time = try #require(event["time"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
        let trace = try #require(event["traceparent"] as? String)
        #expect(trace.wholeMatch(of: /00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]/) != nil)
        let data = try #require(event["data"] as? [String: Any])
        #expect(data["method"] as? String == "GET" && data["status"] as? Int == 200)
        let path = try #require(data["path"] as? String)
        #expect(path == "/hello" || path.hasPrefix("/users/"))
        #expect(data["route"] as? String == (path == "/hello" ? "/hello" : "/users/{id}"))
        #expect(data["host"] as? String == "shop.example" && data["client"] as? String == "127.0.0.1")
        #expect((data["duration_us"] as? Int ?? -1) >= 0 && (data["response_bytes"] as? Int ?? 0) > 0)
    }
}
