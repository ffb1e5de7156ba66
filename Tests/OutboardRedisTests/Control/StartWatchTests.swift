import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("Crash loops", .timeLimit(.minutes(1)))
struct StartWatchTests {
    /// The record of a start at a moment, after one that was seen for so long.
    private func next(_ before: StartRecord?, pid: Int = 1, now: Int64, alive: Set<Int> = []) -> StartRecord {
        StartRecord(pid: pid, now: now, after: before, isAlive: alive.contains)
    }

    private func loop(_ record: StartRecord, now: Int64) -> CrashLoop? {
        CrashLoop(host: "web-1", record, now: now)
    }

    @Test("begin with the third crash in a row, and say how long the last one lived")
    func counts() {
        var record = next(nil, now: 0)
        #expect(record.crashes == 0 && loop(record, now: 0) == nil)
        for start in 1...3 {
            #expect(loop(record, now: Int64(start) * 60_000) == nil)
            record.seen = record.started + 2_500
            record = next(record, now: Int64(start) * 60_000)
            #expect(record.crashes == start && record.lived == 2_500)
        }
        #expect(
            loop(record, now: 180_000)?.text
                == "crashed 3 times in a row on web-1, each within 10 s of its start; the last lived about 2 s")
        // Nobody has tried again for ten minutes: it is gone, not in a loop.
        #expect(loop(record, now: 780_000) == nil && next(record, now: 780_000).crashes == 0)
    }

    @Test("take no process that lives for one that has crashed, and none that has for one that lives")
    func neighbours() {
        let first = next(nil, pid: 10, now: 0)
        let second = next(first, pid: 11, now: 100, alive: [10])
        #expect(second.crashes == 0)
        let third = next(second, pid: 12, now: 200, alive: [10])
        #expect(third.crashes == 1)
        #expect(next(third, pid: 13, now: 300, alive: [10, 12]).crashes == 1)
        // In a container a predecessor had the id that is ours now.
        #expect(next(next(nil, now: 0), now: 50, alive: [1]).crashes == 1)
    }

    @Test("are shown as failed with the reason, until a process ends cleanly or has proven itself; forgotten with it")
    func shown() async throws {
        try await BusFixture.with { bus in
            var configuration = try BusConfiguration()
            configuration.redis = bus.settings
            configuration.host = "web-1"
            let (settings, key) = (configuration, bus.names.starts(bus.plugin))
            func start(_ pid: Int = 1) async throws -> StartWatch {
                try await StartWatch.begin(bus.plugin, settings, pid: pid) { _ in false }
            }
            func detail() async throws -> PluginDetail {
                try await settings.withConnection(named: "test") { redis in
                    try await PluginReader(names: bus.names, redis: redis).detail(of: bus.plugin)
                }
            }
            var watch = try await start()
            for _ in 0..<2 { watch = try await start() }
            #expect(try await !watch.beat())
            #expect(try await detail().plugin.state == .stopped)
            watch = try await start()
            var shown = try await detail()
            #expect(shown.plugin.state == .failed)
            #expect(shown.crashLoops.map(\.host) == ["web-1"] && shown.crashLoops.first?.crashes == 3)
            let life = try await bus.command("PTTL", key).int64()
            #expect(life > 590_000 && life <= 600_000)

            // Somebody who has started since owns the record: an older process takes nothing away.
            let newer = try await start(2)
            #expect(try await watch.beat())
            try await watch.end()
            shown = try await detail()
            #expect(shown.crashLoops.first?.crashes == 4)
            try await newer.end()
            shown = try await detail()
            #expect(shown.plugin.state == .stopped && shown.crashLoops.isEmpty)

            // One that started eleven seconds ago has proven itself.
            let now = try RedisClock.milliseconds(try await bus.command("TIME"))
            let record = #"{"pid":7,"started":\#(now - 11_000),"seen":\#(now - 1_000),"crashes":3}"#
            _ = try await bus.command("HSET", key, "web-1", record, "web-0", "no record")
            #expect(try await detail().plugin.state == .failed)
            #expect(try await StartWatch(bus.plugin, settings, pid: 7, started: now - 11_000).beat())
            #expect(try await detail().plugin.state == .stopped)

            for _ in 0..<4 { watch = try await start() }
            _ = try await bus.command("SADD", bus.names.plugins, bus.plugin.rawValue)
            _ = try await settings.withConnection(named: "test") { redis in
                try await PluginOperator(names: bus.names, redis: redis).forget(bus.plugin)
            }
            #expect(try await bus.command("EXISTS", key).int64() == 0)
        }
    }
}
