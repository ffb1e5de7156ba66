import Foundation
import OutboardRedis
import OutboardTesting
import Processes
import Testing

@Suite("Redis fails under HTTP load", .timeLimit(.minutes(3)), .serialized)
struct RedisFaultTests {
    @Test("killed and restarted: every request is answered, and every event is booked")
    func restarts() async throws {
        try await RealBus.with(appendOnly: true) { bus in
            let plugin = try await bus.startPlugin()
            try await Core.with(bus.environment) { core in
                try await bus.wait("the bus is connected") { try await core.metric("outboard_bus_connected") == 1 }
                let report = try await HTTPLoad.run(port: core.port, connections: 4) { sent in
                    for round in 1...3 {
                        try await bus.wait("round \(round) has counted") {
                            try await bus.counter("requests") >= 300 * round
                        }
                        let before = sent()
                        bus.redis.kill()
                        // Requests go on meanwhile: these were answered without a Redis.
                        try await bus.wait("requests are answered without Redis") { sent() >= before + 100 }
                        try await bus.redis.restart()
                    }
                }
                #expect(report.unanswered == 0 && report.statuses == [200: report.answered])
                try await bus.waitUntilBooked(report.answered)
                try await bus.expectBalancedBooks()
                let handled = try await bus.book(.handled).values.reduce(0, +)
                #expect(try await bus.counter("requests") == handled && handled >= 900)
                #expect(try await core.metric("outboard_events_dropped_total") == 0)
            }
            plugin.terminate()
            #expect(try await plugin.waitForExit() == 0)
        }
    }

    enum Fault: CaseIterable {
        case killed, stopped
    }

    @Test(
        "gone for good, or silent for good: as fast as before, in bounded memory, and the loss is counted",
        arguments: Fault.allCases)
    func gone(_ fault: Fault) async throws {
        try await RealBus.with { bus in
            var environment = bus.environment
            environment["OUTBOARD_BUFFER_BYTES"] = "\(1 << 20)"  // a few thousand events
            try await Core.with(environment) { core in
                try await bus.wait("the bus is connected") { try await core.metric("outboard_bus_connected") == 1 }
                _ = try await HTTPLoad.run(2_000, port: core.port)  // warm
                let with = try await HTTPLoad.run(6_000, port: core.port)
                switch fault {
                case .killed: bus.redis.kill()
                case .stopped: sendSignal(SIGSTOP, to: try #require(bus.redis.pid))
                }
                let without = try await HTTPLoad.run(6_000, port: core.port)
                let memory = try core.memory
                let later = try await HTTPLoad.run(6_000, port: core.port)
                for report in [without, later] {
                    #expect(report.statuses == [200: 6_000] && report.unanswered == 0)
                }
                // Margins for a machine that others use, too; a request that waited for Redis would take seconds.
                let best = max(without.perSecond, later.perSecond)
                #expect(best > 0.5 * with.perSecond, "\(best)/s without Redis, \(with.perSecond)/s with")
                let p99 = min(without.latency(0.99), later.latency(0.99))
                #expect(p99 < with.latency(0.99) * 3 + .milliseconds(20), "p99 \(p99), with \(with.latency(0.99))")
                #expect(try core.memory - memory < 12 << 20)
                let dropped = try await core.metric("outboard_events_dropped_total")
                let buffered = try await core.metric("outboard_events_buffered")
                #expect(dropped > 0 && buffered > 0 && buffered < 6_000)
                #expect(try await core.metric("outboard_events_accepted_total") == 20_000)
                if fault == .stopped { sendSignal(SIGCONT, to: try #require(bus.redis.pid)) }
            }
        }
    }
}
