import Foundation
import Logging
import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

/// Takes its time for negative pings; throws for those above a thousand.
private struct Troubled: Plugin {
    struct Refusal: Error {}
    static let manifest = Manifest(name: "ping-counter", version: "1.0.0", summary: "Has trouble.")

    func effects(of event: Event<Ping>, into effects: inout Effects) throws {
        if event.data.number > 1_000 { throw Refusal() }
        if event.data.number < 0 { Self.work(milliseconds: -event.data.number) }
        effects.increment("pings")
    }

    /// A slow handler: it has the loop for so long.
    private static func work(milliseconds: Int) {
        let end = NIODeadline.now() + .milliseconds(Int64(milliseconds))
        while NIODeadline.now() < end {}
    }
}

@Suite("A plugin in trouble", .timeLimit(.minutes(2)), .serialized)
struct TroubleTests {
    private func withReplica(
        _ bus: BusFixture, _ change: (inout ReplicaSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (@escaping @Sendable () async throws -> [String: String]) async throws -> Void
    ) async throws {
        var settings = ReplicaSettings(redis: bus.settings, names: bus.names, lanes: bus.lanes, host: "here", pid: 1)
        change(&settings)
        let (ready, announce) = AsyncStream<Void>.makeStream()
        let replica = try await Replica(
            plugin: Troubled(), name: bus.plugin, settings: settings, eventLoop: BusFixture.loop,
            logger: BusFixture.logger, onReady: { announce.finish() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await replica.run() }
            for await _ in ready {}
            try await body { try await bus.hash(bus.names.replica(bus.plugin, replica.id)) }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func publish(_ numbers: [Int], on publisher: Publisher) throws {
        for number in numbers {
            try publisher.accept(Ping(number: number), key: "k\(abs(number) % 3)", traceparent: nil, time: .now)
        }
    }

    @Test("is disabled when too many of its events fail, says so, and counts again when it is enabled")
    func breaker() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { publisher in
                try await withReplica(bus) { hash in
                    try publish(Array(repeating: 5_000, count: 150) + Array(repeating: 1, count: 50), on: publisher)
                    try await bus.wait(seconds: 10, "the replica is disabled") {
                        try await hash()["state"] == "disabled"
                    }
                    let control = try await bus.hash(bus.names.pluginControl(bus.plugin))
                    #expect(control["state"] == "disabled")
                    #expect(control["reason"]?.contains("75 % of 200 events failed") == true, "\(control)")
                    let connection = try await bus.connection()
                    try await PluginOperator(names: bus.names, redis: connection)
                        .set(.enabled, of: bus.plugin, reason: "")
                    try await connection.close().get()
                    try await bus.wait(seconds: 10, "the replica runs again") { try await hash()["state"] == "running" }
                    try publish(Array(repeating: 2, count: 20), on: publisher)
                    try await bus.wait("all are dealt with") { try await bus.sum(.applied) == 220 }
                }
            }
            #expect(try await bus.expectBalancedBooks() == 220)
            #expect(try await bus.sum(.failed) == 150)
            #expect(try await bus.pings == bus.sum(.handled))
        }
    }

    @Test("may fail as it likes where there is no limit")
    func unlimited() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { publisher in
                try await withReplica(bus, { $0.failureLimit = nil }) { hash in
                    try publish(Array(repeating: 5_000, count: 300), on: publisher)
                    try await bus.wait("all have failed") { try await bus.sum(.failed) == 300 }
                    // Two more beats: enough for a breaker to look.
                    let first = try await bus.command("TIME").array()[0].string()
                    try await bus.wait("two seconds have passed in Redis") {
                        try await (Int(bus.command("TIME").array()[0].string()) ?? 0) > (Int(first) ?? 0) + 2
                    }
                    #expect(try await hash()["state"] == "running")
                }
            }
            #expect(try await bus.hash(bus.names.pluginControl(bus.plugin)).isEmpty)
        }
    }

    @Test("that is slow says for how long and how often")
    func slow() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { publisher in
                try await withReplica(bus, { $0.handlerBudget = 1_000 }) { hash in
                    try publish(Array(repeating: -3, count: 64), on: publisher)
                    try await bus.wait("the replica says that it is slow") {
                        try await (Int(hash()["slow"] ?? "0") ?? 0) > 0
                    }
                    try await bus.wait("all are handled") { try await bus.sum(.handled) == 64 }
                    #expect(try await (Int(hash()["memory"] ?? "0") ?? 0) > 1 << 20)
                }
            }
        }
    }

    @Test("that cannot start says why where replicas are shown, and for a while only")
    func start() async throws {
        try await BusFixture.with { bus in
            var configuration = try BusConfiguration()
            configuration.redis = bus.settings
            await StartFailure.show(Troubled.Refusal(), of: Troubled.self, bus.plugin, configuration)
            let connection = try await bus.connection()
            let detail = try await PluginReader(names: bus.names, redis: connection).detail(of: bus.plugin)
            try await connection.close().get()
            #expect(detail.plugin.state == .failed)
            #expect(detail.plugin.replicas == 0)
            let replica = try #require(detail.replicas.first)
            #expect(replica.error == "start failed: Refusal()")
            let life = try await bus.command("TTL", bus.names.replica(bus.plugin, replica.id)).int64()
            #expect(life > 0 && life <= 15)
        }
    }
}
