import NIOCore
import OutboardTesting
import RedisClient

/// How costs change as one thing grows and the others stay: the points of the curves in docs/scaling.md.
struct GrowthSuite {
    let bench: Bench

    /// What one point is measured with.
    struct Load: Sendable {
        var rate = 50_000
        var routes = 10
        var lanes = Bench.lanes
        var replicas = 1
        var publishers = 1
        var padding = 0
    }

    /// One thing that grows.
    struct Curve: Sendable {
        let name: String
        let values: [Int]
        let load: @Sendable (Int) -> Load
    }

    static let curves = [
        Curve(name: "events a second", values: [1_000, 5_000, 20_000, 50_000, 100_000, 200_000, 400_000]) {
            Load(rate: $0)
        },
        Curve(name: "different routes", values: [10, 100, 1_000, 10_000, 100_000]) { Load(routes: $0) },
        Curve(name: "lanes", values: [1, 4, 16, 64, 256]) { Load(lanes: $0) },
        Curve(name: "replicas", values: [1, 2, 4, 8]) { Load(replicas: $0) },
        Curve(name: "publishers", values: [1, 2, 4, 8]) { Load(publishers: $0) },
        Curve(name: "bytes more an event", values: [100, 1_000, 4_000, 16_000, 64_000]) {
            Load(rate: 2_000, padding: $0)
        },
    ]

    /// Between the curve and the value in the name of an outcome.
    static let mark = ": "

    func measure() async throws -> Section {
        let contenders = Self.curves.flatMap { curve in
            curve.values.map { value in
                Contender(curve.name + Self.mark + "\(value)") { try await turn(curve.load(value)) }
            }
        }
        return Section(
            .growth, title: "Growth (our publishers, 4 seconds a point; CPU of one replica)",
            outcomes: try await Alternation.run(contenders, rounds: bench.rounds))
    }

    private func turn(_ load: Load) async throws -> Sample {
        let events = bench.scaled(load.rate * 4, multiple: load.publishers)
        // A publisher stays on a lane for ten milliseconds, so this goes over all 256.
        let warmUp = load.rate * 3 / load.publishers
        try await bench.clear()
        let replica = Role.replica(
            ReplicaRole(url: bench.redis.url, warmUp: warmUp * load.publishers, events: events, lanes: load.lanes))
        let replicas = try (0..<load.replicas).map { _ in try replica.start() }
        for child in replicas { try await child.waitForLine(containing: Role.readyMark) }
        try await bench.waitForHearers(min(2, load.replicas), lanes: load.lanes)
        let publisher = Role.load(
            LoadRole(
                url: bench.redis.url, lanes: load.lanes, warmUp: warmUp, events: events / load.publishers,
                rate: load.rate / load.publishers, routes: load.routes, padding: load.padding))
        let publishers = try (0..<load.publishers).map { _ in try publisher.start() }
        for child in replicas { try await child.waitForLine(containing: Role.warmMark) }
        let before = try await bench.redisCPU()
        _ = try await bench.connection.send(RedisCommand("SET", LoadRole.goKey, "1")).get()
        // They end when all is acknowledged, and say what went wrong if something did.
        var publisherCPU = 0.0
        for child in publishers { publisherCPU += try await Role.sample(of: child).cpuSeconds ?? 0 }
        var samples: [Sample] = []
        for child in replicas { samples.append(try await Role.sample(of: child)) }
        var sample = samples[0]
        sample.publisherCPUSeconds = publisherCPU
        sample.redisCPUSeconds = try await bench.redisCPU() - before
        sample.cpuSeconds = samples.compactMap(\.cpuSeconds).reduce(0, +) / Double(load.replicas)
        sample.peakMemoryBytes = samples.compactMap(\.peakMemoryBytes).max()
        sample.missed = samples.compactMap(\.missed).max()
        return sample
    }
}
