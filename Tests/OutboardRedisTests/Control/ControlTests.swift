import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Synchronization
import Testing

@testable import OutboardRedis

/// Counts pings under a name that its configuration says, in two counters that must agree.
struct TunableCounter: Plugin {
    struct Refusal: Error {}
    struct Configuration: PluginConfiguration {
        var name = "first"
    }
    static let manifest = Manifest(name: "ping-counter", version: "1.0.0", summary: "Counts pings.")
    var configuration = Configuration()

    mutating func configure(_ configuration: Configuration) throws {
        if configuration.name == "wrong" { throw Refusal() }
        self.configuration = configuration
    }

    func effects(of event: Event<Ping>, into effects: inout Effects) {
        effects.increment("pings")
        effects.increment(configuration.name)
        effects.increment("kinds", field: configuration.name)
    }
}

private final class PublishedCount: Sendable {
    let value = Atomic(0)
}

@Suite("Control", .timeLimit(.minutes(3)), .serialized)
struct ControlTests {
    private func withOperator(_ bus: BusFixture, _ body: (PluginOperator) async throws -> Void) async throws {
        let connection = try await bus.connection()
        try await body(PluginOperator(names: bus.names, redis: connection))
        try await connection.close().get()
    }

    private func replicas(_ bus: BusFixture) async throws -> [[String: String]] {
        let key = bus.names.replicas(bus.plugin, type: Ping.eventType)
        var hashes: [[String: String]] = []
        for id in try await bus.command("ZRANGE", key, "0", "-1").array() {
            hashes.append(try await bus.hash(bus.names.replica(bus.plugin, try id.string())))
        }
        return hashes
    }

    private func waitForState(_ state: String, revision: Int64, _ bus: BusFixture) async throws {
        try await bus.wait(seconds: 5, "every replica is \(state) with revision \(revision)") {
            let hashes = try await replicas(bus)
            return !hashes.isEmpty
                && hashes.allSatisfy { $0["state"] == state && Int64($0["revision"] ?? "") ?? 0 >= revision }
        }
    }

    private func publish(_ count: Int, on publisher: Publisher) throws {
        for number in 0..<count {
            try publisher.accept(Ping(number: number), key: "k\(number % 5)", traceparent: nil, time: .now)
        }
    }

    /// Waits until the publisher's records count so many events.
    private func waitForRecords(_ count: Int, _ publisher: Publisher, _ bus: BusFixture) async throws {
        try await bus.wait("the records count \(count)") {
            let record = try await bus.hash(bus.names.publisher(publisher.id.text))
            return record.filter { $0.key.hasPrefix("\(Ping.eventType)/") }.values.reduce(0) { $0 + (Int($1) ?? 0) }
                == count
        }
    }

    @Test("a disabled plugin skips what passes, to the event, also of publishers that began meanwhile")
    func disable() async throws {
        try await BusFixture.with { bus in
            try await bus.withPublisher { old in
                try await bus.withReplica {
                    try publish(100, on: old)
                    try await bus.wait("100 are handled") { try await bus.sum(.handled) == 100 }
                    try await withOperator(bus) { control in
                        let disabled = try await control.set(.disabled, of: bus.plugin, reason: "test")
                        try await waitForState("disabled", revision: disabled, bus)
                        let channels = (0..<bus.lanes).map { bus.names.events(type: Ping.eventType, lane: $0) }
                        for channel in channels {
                            let hearers = try await bus.command("PUBSUB", "NUMSUB", channel).array()
                            #expect(try hearers[1].int64() == 0)
                        }
                        try publish(60, on: old)
                        try await waitForRecords(160, old, bus)
                        try await bus.withPublisher { young in
                            try publish(40, on: young)
                            try await waitForRecords(40, young, bus)
                            let enabled = try await control.set(.enabled, of: bus.plugin, reason: "")
                            try await waitForState("running", revision: enabled, bus)
                            try publish(10, on: young)
                            // Of the old publisher nothing comes: its record tells.
                            try await bus.wait("all are dealt with") { try await bus.sum(.applied) == 210 }
                        }
                    }
                }
            }
            #expect(try await bus.expectBalancedBooks() == 210)
            #expect(try await bus.sum(.handled) == 110)
            #expect(try await bus.sum(.skipped) == 100)
            #expect(try await bus.sum(.missed) == 0)
            #expect(try await bus.pings == 110)
        }
    }

    @Test("a hundred toggles under load leave the books balanced and the counters exact", arguments: [1, 3])
    func toggles(count: Int) async throws {
        try await BusFixture.with { bus in
            let published = PublishedCount()
            try await bus.withPublisher { publisher in
                try await withReplicas(count, bus) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            while !Task.isCancelled {
                                try publish(5, on: publisher)
                                published.value.add(5, ordering: .relaxed)
                                // The pace of the load, not a wait for anything.
                                try? await Task.sleep(for: .milliseconds(5))
                            }
                        }
                        try await withOperator(bus) { control in
                            try await bus.wait("the plugin counts") { try await bus.sum(.handled) > 0 }
                            for round in 1...50 {
                                let disabled = try await control.set(.disabled, of: bus.plugin, reason: "\(round)")
                                // Some changes are taken back before anybody has followed them.
                                if round.isMultiple(of: 3) {
                                    try await waitForState("disabled", revision: disabled, bus)
                                }
                                let enabled = try await control.set(.enabled, of: bus.plugin, reason: "\(round)")
                                if round.isMultiple(of: 2) {
                                    try await waitForState("running", revision: enabled, bus)
                                }
                                if round.isMultiple(of: 10) {
                                    let handled = try await bus.sum(.handled)
                                    try await bus.wait("it counts again in round \(round)") {
                                        try await bus.sum(.handled) > handled
                                    }
                                }
                            }
                        }
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                    try await bus.wait(seconds: 30, "all are dealt with") {
                        try await bus.sum(.applied) == published.value.load(ordering: .relaxed)
                    }
                }
            }
            #expect(try await bus.expectBalancedBooks() == published.value.load(ordering: .relaxed))
            #expect(try await bus.sum(.skipped) > 0)
            #expect(try await bus.sum(.missed) == 0)
            #expect(try await bus.pings == bus.sum(.handled))
        }
    }

    @Test("a replica that starts disabled hears nothing until it is enabled")
    func startsDisabled() async throws {
        try await BusFixture.with { bus in
            try await withOperator(bus) { control in
                try await control.set(.disabled, of: bus.plugin, reason: "before the start")
                try await bus.withPublisher { publisher in
                    try await bus.withReplica {
                        try await waitForState("disabled", revision: 1, bus)
                        try publish(20, on: publisher)
                        try await waitForRecords(20, publisher, bus)
                        try await control.set(.enabled, of: bus.plugin, reason: "")
                        try await waitForState("running", revision: 2, bus)
                        try publish(10, on: publisher)
                        try await bus.wait("all are dealt with") { try await bus.sum(.applied) == 30 }
                    }
                }
            }
            #expect(try await bus.expectBalancedBooks() == 30)
            #expect(try await bus.sum(.handled) == 10)
            // Nothing of it lies in the plugin's time: it was never enabled before.
            #expect(try await bus.sum(.skipped) + bus.sum(.baseline) == 20)
        }
    }

    @Test("a configuration is taken between two events within a second; a refused one leaves the old in force")
    func configure() async throws {
        try await BusFixture.with { bus in
            let replica = try await Replica(
                plugin: TunableCounter(), name: bus.plugin,
                settings: ReplicaSettings(
                    redis: bus.settings, names: bus.names, lanes: bus.lanes, host: "here", pid: 1),
                eventLoop: BusFixture.loop, logger: BusFixture.logger)
            try await bus.withPublisher { publisher in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await replica.run() }
                    try await waitForState("running", revision: 0, bus)
                    try await withOperator(bus) { control in
                        try publish(200, on: publisher)
                        let before = ContinuousClock.now
                        let revision = try await control.configure(bus.plugin, ["name": .string("second")], from: 0)
                        #expect(revision == 1)
                        try await waitForState("running", revision: 1, bus)
                        #expect(ContinuousClock.now - before < .seconds(1))
                        try publish(100, on: publisher)
                        try await bus.wait("300 are handled") { try await bus.sum(.handled) == 300 }
                        #expect(try await control.configure(bus.plugin, [:], from: 0) == nil, "an old revision")
                        let wrong: [[String: JSONValue]] = [
                            ["name": .string("wrong")], ["nmae": .string("x")], ["name": .integer(1)],
                        ]
                        for (number, refused) in wrong.enumerated() {
                            let from = Int64(number + 1)
                            #expect(try await control.configure(bus.plugin, refused, from: from) == from + 1)
                            try await waitForState("running", revision: from + 1, bus)
                            let error = try #require(try await replicas(bus).first?["error"])
                            #expect(error.contains("revision \(from + 1) refused"), "\(error)")
                        }
                        try publish(50, on: publisher)
                        try await bus.wait("350 are handled") { try await bus.sum(.handled) == 350 }
                    }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            let counters = try await bus.hash(bus.names.counters(bus.plugin))
            let kinds = try await bus.hash(bus.names.counterFamily(bus.plugin, "kinds"))
            #expect(counters["first"] == kinds["first"] && counters["second"] == kinds["second"])
            let (first, second) = (Int(counters["first"] ?? "0") ?? 0, Int(counters["second"] ?? "0") ?? 0)
            #expect(first + second == 350 && second >= 150 && counters["wrong"] == nil)
        }
    }

    private func ask(_ bus: BusFixture, _ config: [String: JSONValue]) async throws -> ConfigurationTrial {
        var configuration = try BusConfiguration()
        configuration.redis = bus.settings
        let connection = try await bus.connection()
        let trial = try await ConfigurationQuestion(configuration, about: bus.plugin).ask(config, on: connection)
        try await connection.close().get()
        return trial
    }

    private func directory(_ bus: BusFixture) throws -> RedisPluginDirectory {
        var configuration = try BusConfiguration()
        configuration.redis = bus.settings
        return RedisPluginDirectory(configuration, eventLoop: BusFixture.loop, logger: BusFixture.logger)
    }

    @Test("a plugin is asked about a configuration without taking it; what it refuses it says, also while disabled")
    func question() async throws {
        try await BusFixture.with { bus in
            #expect(try await ask(bus, [:]) == ConfigurationTrial(replicas: []))
            let replica = try await Replica(
                plugin: TunableCounter(), name: bus.plugin,
                settings: ReplicaSettings(
                    redis: bus.settings, names: bus.names, lanes: bus.lanes, host: "here", pid: 1),
                eventLoop: BusFixture.loop, logger: BusFixture.logger)
            try await bus.withPublisher { publisher in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await replica.run() }
                    try await waitForState("running", revision: 0, bus)
                    #expect(try await ask(bus, ["name": .string("second")]).accepting == [replica.id])
                    #expect(try await ask(bus, ["name": .string("wrong")]).refused == [replica.id: "Refusal()"])
                    // As the admin API asks.
                    let change = PluginChange(config: ["name": .string("wrong")])
                    #expect(
                        try await directory(bus).trial(of: change, of: bus.plugin).refused == [replica.id: "Refusal()"])
                    let unknown = try await ask(bus, ["nmae": .string("x")])
                    #expect(unknown.refused[replica.id]?.contains("nmae") == true && unknown.waiting.isEmpty)
                    try publish(10, on: publisher)
                    try await bus.wait("10 are handled") { try await bus.sum(.handled) == 10 }
                    #expect(try await replicas(bus).map { $0["error"] } == [""])
                    try await withOperator(bus) { _ = try await $0.set(.disabled, of: bus.plugin, reason: "") }
                    try await waitForState("disabled", revision: 1, bus)
                    #expect(try await ask(bus, ["name": .string("second")]).accepting == [replica.id])
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            let counters = try await bus.hash(bus.names.counters(bus.plugin))
            #expect(counters["first"] == "10" && counters["second"] == nil)
        }
    }

    /// A plugin whose copies are one and the same; only the test's thread has it.
    private final class SharedCounter: Plugin, @unchecked Sendable {
        static let manifest = Manifest(name: "ping-counter", version: "1.0.0", summary: "Counts pings.")
        var configuration = TunableCounter.Configuration()
        func effects(of event: Event<Ping>, into effects: inout Effects) {}
    }

    @Test("a plugin that is a class says that it cannot be asked, and stays as it is")
    func questionToClass() throws {
        let plugin = SharedCounter()
        let handler = PluginHandler(plugin, budgetMicroseconds: 1_000)
        #expect(throws: CannotJudge.self) { try handler.judge(["name": .string("second")]) }
        #expect(plugin.configuration.name == "first")
    }

    @Test("a control hash that makes no sense is said, and mended by mending it")
    func damaged() async throws {
        try await BusFixture.with { bus in
            try await bus.withReplica {
                _ = try await bus.command("HSET", bus.names.pluginControl(bus.plugin), "state", "perhaps")
                try await bus.wait(seconds: 5, "the replica says what is wrong") {
                    let error = try await replicas(bus).first?["error"] ?? ""
                    return error.contains("'perhaps'") && error.contains("neither enabled nor disabled")
                }
                _ = try await bus.command("HDEL", bus.names.pluginControl(bus.plugin), "state")
                try await bus.wait(seconds: 5, "the replica is well again") {
                    try await replicas(bus).first.map { $0["error"] == "" && $0["state"] == "running" } ?? false
                }
            }
        }
    }

    private func withReplicas(
        _ count: Int, _ bus: BusFixture, _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard count > 0 else { return try await body() }
        try await bus.withReplica { try await withReplicas(count - 1, bus, body) }
    }
}
