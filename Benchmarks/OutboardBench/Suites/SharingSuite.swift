import NIOCore
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient

/// What exactness costs against a subscriber without any, and how the work of a replica shrinks as there are more.
struct SharingSuite {
    let bench: Bench

    enum Names {
        static let naive = "naive subscriber, not exact"
        static let alone = "1 replica"
        static func each(of count: Int) -> String { "each of \(count) replicas" }
    }

    private static let pace = 150_000
    private static let warmUp = 64 * Bench.lanes

    func measure() async throws -> Section {
        let events = bench.scaled(900_000, multiple: Self.warmUp)
        let url = bench.redis.url
        let naive = Role.naive(NaiveRole(url: url, warmUp: Self.warmUp, events: events))
        let replica = Role.replica(ReplicaRole(url: url, warmUp: Self.warmUp, events: events))
        let outcomes = try await Alternation.run(
            [
                Contender(Names.naive) { try await turn(naive, count: 1, events) },
                Contender(Names.alone) { try await turn(replica, count: 1, events) },
                Contender(Names.each(of: 2)) { try await turn(replica, count: 2, events) },
                Contender(Names.each(of: 4)) { try await turn(replica, count: 4, events) },
                Contender(Names.each(of: 8)) { try await turn(replica, count: 8, events) },
            ], rounds: bench.rounds)
        return Section(
            .sharing, title: "Sharing (\(events) events from C, \(Self.pace) a second; CPU of one process)",
            outcomes: outcomes)
    }

    /// Starts so many, lets them share the lanes, and takes the mean of their samples of one load.
    private func turn(_ role: Role, count: Int, _ events: Int) async throws -> Sample {
        let load = ReceiveSuite(bench: bench)
        try await bench.clear()
        try await load.writeRecord(last: SampleEvent.firstNumber - 1)
        let children = try (0..<count).map { _ in try role.start() }
        for child in children { try await child.waitForLine(containing: Role.readyMark) }
        try await bench.waitForHearers(min(2, count))
        try await load.blast(first: SampleEvent.firstNumber, events: Self.warmUp, perSecond: 0)
        for child in children { try await child.waitForLine(containing: Role.warmMark) }
        let before = try await bench.redisCPU()
        let receivedBefore = try await received()
        let first = SampleEvent.firstNumber + UInt64(Self.warmUp / Bench.lanes)
        try await load.blast(first: first, events: events, perSecond: Self.pace)
        try await load.writeRecord(last: first + UInt64(events / Bench.lanes) - 1)
        var samples: [Sample] = []
        for child in children { samples.append(try await Role.sample(of: child)) }
        var sample = samples[0]
        sample.redisCPUSeconds = try await bench.redisCPU() - before
        sample.cpuSeconds = samples.compactMap(\.cpuSeconds).reduce(0, +) / Double(count)
        sample.peakMemoryBytes = samples.compactMap(\.peakMemoryBytes).max()
        sample.missed = samples.compactMap(\.missed).max()
        let received = try await received() - receivedBefore
        sample.received = received > 0 ? received / count : events
        return sample
    }

    /// Events that all replicas say they have received.
    private func received() async throws -> Int {
        let name = try PluginName(CountingPlugin.manifest.name)
        let keys = try await bench.connection.send(RedisCommand("KEYS", Bench.names.replica(name, "*"))).get().array()
        var sum = 0
        for key in keys {
            let text = try await bench.connection.send(RedisCommand("HGET", key.string(), "received")).get()
            sum += Int(try text.stringOrNil() ?? "") ?? 0
        }
        return sum
    }
}
