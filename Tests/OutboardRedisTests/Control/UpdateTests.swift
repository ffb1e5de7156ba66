import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

/// A later version of `PingCounter`.
private struct NewPingCounter: Plugin {
    static let manifest = Manifest(name: "ping-counter", version: "2.0.0", summary: "Counts pings.")

    func effects(of event: Event<Ping>, into effects: inout Effects) {
        effects.increment("pings")
        effects.increment("second")
    }
}

@Suite("An update", .timeLimit(.minutes(2)))
struct UpdateTests {
    private func detail(_ bus: BusFixture) async throws -> PluginDetail {
        let connection = try await bus.connection()
        let detail = try await PluginReader(names: bus.names, redis: connection).detail(of: bus.plugin)
        try await connection.close().get()
        return detail
    }

    private func publish(_ publisher: Publisher, until flag: LoadFlag) async throws {
        while !flag.isOver {
            for number in 1...3 { try publisher.accept(Ping(number: number), key: nil, traceparent: nil, time: .now) }
            // The pace of the load, not a wait for anything.
            try await Task.sleep(for: .milliseconds(3))
        }
    }

    @Test("version 2 beside version 1, then version 1 drained: nothing lost, nothing twice")
    func update() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { publisher in
                let settings = ReplicaSettings(
                    redis: bus.settings, names: bus.names, lanes: bus.lanes, host: "here", pid: 1)
                let second = try await Replica(
                    plugin: NewPingCounter(), name: bus.plugin, settings: settings, eventLoop: BusFixture.loop,
                    logger: BusFixture.logger)
                let (load, drain) = (LoadFlag(), LoadFlag())
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await publish(publisher, until: load) }
                    group.addTask {
                        try await bus.withReplica {
                            try await bus.wait("version 1 is told to go") { drain.isOver }
                        }
                    }
                    try await bus.wait("version 1 counts") { try await bus.pings > 100 }
                    group.addTask { try await second.run() }
                    try await bus.wait("version 2 hears every lane beside version 1") {
                        let detail = try await detail(bus)
                        return detail.plugin.versions == ["1.0.0", "2.0.0"]
                            && detail.replicas.first { $0.id == second.id }?.lanes.count == bus.lanes
                    }
                    drain.end()
                    try await bus.wait("version 2 is alone") { try await detail(bus).plugin.versions == ["2.0.0"] }
                    let before = try await bus.pings
                    try await bus.wait("version 2 counts") { try await bus.pings > before + 100 }
                    load.end()
                    try await bus.wait("everything published is dealt with") {
                        try await bus.sum(.applied) == Int(publisher.statistics.accepted)
                    }
                    group.cancelAll()
                    do { try await group.waitForAll() } catch is CancellationError {}
                }
            }
            try await bus.expectBalancedBooks()
            #expect(try await bus.sum(.missed) == 0)
            #expect(try await bus.pings == bus.sum(.handled))
            #expect(try await (Int(bus.hash(bus.names.counters(bus.plugin))["second"] ?? "0") ?? 0) > 100)
        }
    }
}
