import Foundation
import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("Publisher on a real Redis", .timeLimit(.minutes(3)), .serialized)
struct PublisherTests {
    private func publish(_ numbers: Range<Int>, key: String? = "k", on publisher: Publisher) throws {
        for number in numbers { try publisher.accept(Ping(number: number), key: key, traceparent: nil, time: .now) }
    }

    private func publisher(
        _ bus: BusFixture, url: String? = nil, lanes: Int? = nil, _ change: (inout PublisherSettings) -> Void = { _ in }
    ) throws -> Publisher {
        var settings = PublisherSettings(
            redis: try url.map { try RedisSettings(url: $0) } ?? bus.settings, names: bus.names,
            lanes: lanes ?? bus.lanes, name: "test", host: "here")
        change(&settings)
        return Publisher(settings: settings, eventLoop: BusFixture.loop, logger: BusFixture.logger)
    }

    private func running(_ publisher: Publisher, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func record(_ bus: BusFixture, of publisher: Publisher) async throws -> [String: String] {
        try await bus.hash(bus.names.publisher(publisher.id.text))
    }

    @Test("ends with the settings' error where the bus has another number of lanes")
    func wrongLanes() async throws {
        try await BusFixture.with { bus in
            _ = try await bus.command("HSET", bus.names.bus, RedisNames.lanes, "16")
            let publisher = try publisher(bus)
            let error = await #expect(throws: SettingsError.self) { try await publisher.run() }
            #expect(error?.description.contains("OUTBOARD_LANES=16") == true)
        }
    }

    @Test("records before its time when the outbox is half full, so that nothing is dropped while Redis is well")
    func earlyRecord() async throws {
        try await BusFixture.with { bus in
            let publisher = try publisher(bus) { settings in
                (settings.limits.bytes, settings.cadence.record) = (64 << 10, .seconds(600))
            }
            try await running(publisher) {
                try await bus.wait("connected") { publisher.statistics.connected }
                for round in 0..<16 {
                    // Some 20 KiB.
                    try publish(round * 100..<(round + 1) * 100, on: publisher)
                    try await bus.wait("booked, but for less than half of the room") {
                        publisher.statistics.buffered < 160
                    }
                }
            }
            #expect(publisher.statistics.dropped == 0)
            #expect(publisher.statistics.accepted == 1_600)
        }
    }

    @Test("takes another id where its own exists, and leaves the other's record alone")
    func idClash() async throws {
        try await BusFixture.with { bus in
            let publisher = try publisher(bus)
            let taken = publisher.id
            _ = try await bus.command("HSET", bus.names.publisher(taken.text), "started", "1")
            try publish(0..<3, on: publisher)
            try await running(publisher) {
                try await bus.wait("booked") { publisher.statistics.buffered == 0 }
            }
            #expect(publisher.id != taken)
            #expect(try await bus.hash(bus.names.publisher(taken.text)) == ["started": "1"])
            let record = try await record(bus, of: publisher)
            let lane = LaneRule.lane(ofKey: "k", lanes: bus.lanes)
            #expect(record["test.ping/\(lane)"] == "3")
            #expect(record.keys.filter { $0.hasPrefix("test.ping/") }.count == bus.lanes)
            #expect(record["name"] == "test" && record["host"] == "here" && record["dropped"] == "0")
            #expect(try await bus.command("TTL", bus.names.publisher(publisher.id.text)).int64() > 6 * 86_400)
            #expect(try await bus.command("ZSCORE", bus.names.publishers, publisher.id.text).int64() > 1)
        }
    }

    @Test("sends again what a server that is no longer the master did not record")
    func readOnly() async throws {
        try await BusFixture.with { bus in
            let publisher = try publisher(bus)
            try await running(publisher) {
                try publish(0..<5, on: publisher)
                try await bus.wait("booked") { publisher.statistics.buffered == 0 }
                // The master does not exist, so the server keeps what it has and refuses to write.
                _ = try await bus.command("REPLICAOF", "127.0.0.1", "1")
                try publish(5..<10, on: publisher)
                try await bus.wait("refused") { !publisher.statistics.connected }
                #expect(publisher.statistics.buffered == 5)
                _ = try await bus.command("REPLICAOF", "NO", "ONE")
                try await bus.wait("booked by the master") { publisher.statistics.buffered == 0 }
            }
            let lane = LaneRule.lane(ofKey: "k", lanes: bus.lanes)
            #expect(try await record(bus, of: publisher)["test.ping/\(lane)"] == "10")
        }
    }

    @Test("numbers anew under another id once its own may be forgotten, before it sends anything")
    func forgotten() async throws {
        try await BusFixture.with { bus in
            let publisher = try publisher(bus) { settings in
                // Shorter than a heartbeat, as if the process had been suspended between two.
                (settings.cadence.identityLifetime, settings.cadence.heartbeat) = (.seconds(1), .seconds(60))
                // What is sent under the new id must be recorded in its short life.
                (settings.cadence.record, settings.cadence.receiverWait) = (.milliseconds(300), .milliseconds(50))
            }
            let first = publisher.id
            try await running(publisher) {
                try await bus.wait("connected") { publisher.statistics.connected }
                try await bus.wait("its time is over") { publisher.isForgotten || publisher.id != first }
                try publish(0..<3, on: publisher)
                try await bus.wait("booked") { publisher.id != first && publisher.statistics.buffered == 0 }
            }
            let lane = "test.ping/\(LaneRule.lane(ofKey: "k", lanes: bus.lanes))"
            #expect(try await bus.hash(bus.names.publisher(first.text))[lane] == nil)
            let record = try await record(bus, of: publisher)
            #expect(record[lane] == "3")
            let before = try #require(Int(try await bus.hash(bus.names.publisher(first.text))["started"] ?? ""))
            #expect(try #require(Int(record["started"] ?? "")) > before)
        }
    }

    @Test("goes through registration, zeros of all lanes, the wait for receivers and the resend, in this order")
    func order() async throws {
        try await BusFixture.with { bus in
            let program = try #require(Executables.path(of: "redis-cli"))
            let monitor = try ChildProcess(
                URL(filePath: program), arguments: ["-p", "\(bus.redis.port)", "MONITOR"])
            try await monitor.waitForLine(containing: "OK")
            let publisher = try publisher(bus)
            try publish(0..<2, on: publisher)
            try await running(publisher) {
                // Nobody hears, so the first event is published again and again, 2 s long; then both go.
                try await bus.wait("booked") { publisher.statistics.buffered == 0 }
            }
            _ = try await bus.command("ECHO", "end of the test")
            try await monitor.waitForLine(containing: "end of the test")
            let lines = monitor.lines
            monitor.kill()
            func places(_ word: String) -> [Int] { lines.indices.filter { lines[$0].contains(word) } }
            let claimed = try #require(places("\"HSETNX\" \"outboard:publisher:").first)
            let zeros = try #require(lines.firstIndex { $0.contains("\"HSET\"") && $0.contains("test.ping/7\" \"0\"") })
            let beat = try #require(places("\"ZADD\"").first)
            let first = places("\"PUBLISH\"").filter { lines[$0].contains("\\\"number\\\":0") }
            let second = places("\"PUBLISH\"").filter { lines[$0].contains("\\\"number\\\":1") }
            #expect(claimed < zeros && zeros < beat)
            #expect(beat < (first.first ?? 0))
            #expect(first.count > 10 && second.count == 1)
            #expect((first.last ?? 0) < (second.first ?? 0))
        }
    }

    @Test("waits no longer once somebody hears, and shows by its record what was dropped meanwhile")
    func dropped() async throws {
        try await BusFixture.with { bus in
            bus.redis.kill()
            let publisher = try publisher(bus) { $0.limits.bytes = 20_000 }
            try publish(0..<1_000, on: publisher)
            let dropped = publisher.statistics.dropped
            #expect(dropped > 0 && publisher.statistics.buffered + dropped == 1_000)
            try await bus.redis.restart()
            try await bus.withReplica {
                try await running(publisher) {
                    try await bus.wait("booked") { publisher.statistics.buffered == 0 }
                }
                try await bus.wait("all are accounted for") { try await bus.sum(.applied) == 1_000 }
            }
            #expect(try await bus.sum(.handled) == 1_000 - Int(dropped))
            #expect(try await record(bus, of: publisher)["dropped"] == "\(dropped)")
            try await bus.expectBalancedBooks()
        }
    }

    @Test("sends what waits at a shutdown, also when that comes before there is a connection or breaks one")
    func shutdown() async throws {
        try await BusFixture.with { bus in
            let proxy = try TCPProxy(to: bus.redis.port)
            let early = try publisher(bus)
            try publish(0..<2_000, on: early)
            try await running(early) {}
            #expect(early.statistics.buffered == 0)
            let cut = try publisher(bus, url: proxy.url)
            try await running(cut) {
                try await bus.wait("connected") { cut.statistics.connected }
                proxy.holdReplies()
                try publish(0..<2_000, on: cut)
                proxy.cutAll()
                proxy.releaseReplies()
            }
            #expect(cut.statistics.buffered == 0)
            proxy.stop()
        }
    }

    @Test("ends within its three seconds when Redis takes everything and answers nothing")
    func stalledShutdown() async throws {
        try await BusFixture.with { bus in
            let proxy = try TCPProxy(to: bus.redis.port)
            let publisher = try publisher(bus, url: proxy.url)
            let clock = ContinuousClock()
            var begin = clock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await publisher.run() }
                try await bus.wait("connected") { publisher.statistics.connected }
                proxy.holdReplies()
                try publish(0..<10, on: publisher)
                begin = clock.now
                group.cancelAll()
                try await group.waitForAll()
            }
            #expect(begin.duration(to: clock.now) < .seconds(5))
            #expect(publisher.statistics.buffered == 10)
            proxy.stop()
        }
    }

    @Test("loses nothing over many cut connections, and learns at once that one is gone")
    func cuts() async throws {
        try await BusFixture.with { bus in
            let proxy = try TCPProxy(to: bus.redis.port)
            let publisher = try publisher(bus, url: proxy.url)
            try await bus.withReplica {
                try await running(publisher) {
                    for round in 0..<8 {
                        try await bus.wait("connected") { publisher.statistics.connected }
                        try publish(
                            round * 500..<round * 500 + 500, key: round.isMultiple(of: 2) ? "k" : nil, on: publisher)
                        proxy.cutAll()
                    }
                    try await bus.wait("booked") { publisher.statistics.buffered == 0 }
                }
                try await bus.wait("counted") { try await bus.sum(.applied) == 4_000 }
            }
            proxy.stop()
            #expect(try await bus.sum(.handled) == 4_000)
            #expect(publisher.statistics.dropped == 0)
        }
    }
}
