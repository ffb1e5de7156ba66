import NIOCore
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient

/// What hearing events costs a subscriber that counts them, against one that looks at nothing.
struct ReceiveSuite {
    let bench: Bench

    enum Names {
        static let reference = "C hiredis, decodes nothing"
        static let replica = "Outboard: decode, effects, apply"
        static let blasted = "Outboard, as fast as Redis takes them"
    }

    /// One run on every lane: afterwards every source has its fence, and what follows is the steady state.
    private static let warmUp = 64 * Bench.lanes

    /// Costs are compared at a rate that both can follow on a machine that others use, too; at full speed whoever is not
    /// given a core for a tenth of a second is cut off by Redis, which is a row of its own.
    private static let pace = 250_000

    func measure() async throws -> Section {
        let events = bench.scaled(1_500_000, multiple: Self.warmUp)
        let url = bench.redis.url
        let port = bench.redis.port
        let outcomes = try await Alternation.run(
            [
                Contender(Names.reference) {
                    try await turn(
                        .referenceSubscriber(ReferenceSubscriber(port: port, warmUp: Self.warmUp, events: events)),
                        events, perSecond: Self.pace)
                },
                Contender(Names.replica) {
                    try await turn(
                        .replica(ReplicaRole(url: url, warmUp: Self.warmUp, events: events)), events,
                        perSecond: Self.pace)
                },
                Contender(Names.blasted) {
                    try await turn(
                        .replica(ReplicaRole(url: url, warmUp: Self.warmUp, events: events)), events, perSecond: 0)
                },
            ], rounds: bench.rounds)
        var section = Section(
            .receive, title: "Receive (\(events) events from C, \(Self.pace) a second unless said otherwise)",
            outcomes: outcomes)
        section.disconnects = try bench.disconnects()
        return section
    }

    /// Starts a subscriber, warms it up, and takes its sample of one blast.
    private func turn(_ role: Role, _ events: Int, perSecond: Int) async throws -> Sample {
        try await bench.clear()
        try await writeRecord(last: SampleEvent.firstNumber - 1)
        let child = try role.start()
        try await child.waitForLine(containing: Role.readyMark)
        try await blast(first: SampleEvent.firstNumber, events: Self.warmUp, perSecond: 0)
        try await child.waitForLine(containing: Role.warmMark)
        let before = try await bench.redisCPU()
        let first = SampleEvent.firstNumber + UInt64(Self.warmUp / Bench.lanes)
        try await blast(first: first, events: events, perSecond: perSecond)
        // As a publisher does: whoever lost the end of a lane sees it here.
        try await writeRecord(last: first + UInt64(events / Bench.lanes) - 1)
        var sample: Sample
        do {
            sample = try await Role.sample(of: child)
        } catch {
            throw BenchError("\(error)\n\(try await state())")
        }
        sample.redisCPUSeconds = try await bench.redisCPU() - before
        return sample
    }

    /// What Redis knows of a replica that did not count everything.
    private func state() async throws -> String {
        let name = try PluginName(CountingPlugin.manifest.name)
        var lines = ["disconnects: \(try bench.disconnects())"]
        let keys = try await bench.connection.send(RedisCommand("KEYS", Bench.names.replica(name, "*"))).get().array()
        for key in try keys.map({ try $0.string() }) {
            let pairs = try await bench.connection.send(RedisCommand("HGETALL", key)).get().stringPairs()
            lines.append("\(key): " + pairs.map { "\($0)=\($1)" }.joined(separator: " "))
        }
        for book in Book.allCases {
            let pairs = try await bench.connection.send(RedisCommand("HGETALL", Bench.names.book(name, book))).get()
                .stringPairs()
            lines.append("\(book): \(pairs.reduce(0) { $0 + (Int($1.1) ?? 0) }) in \(pairs.count) sources")
        }
        return lines.joined(separator: "\n")
    }

    func blast(first: UInt64, events: Int, perSecond: Int) async throws {
        _ = try await Role.blast(
            ReferenceBlast(port: bench.redis.port, first: first, events: events, perSecond: perSecond)
        ).sample()
    }

    /// The record of a publisher that began long ago, so that a replica goes on from the first event that it hears.
    func writeRecord(last: UInt64) async throws {
        var words = ["HSET", Bench.names.publisher(SampleEvent.publisher), RedisNames.Record.started, "1"]
        for lane in 0..<Bench.lanes {
            words += [
                RedisNames.recorded(type: HTTPRequest.eventType, lane: lane), "\(last)",
            ]
        }
        // A publisher without one for a week would be forgotten, and its books with it.
        let heartbeat = Timestamp.now.microseconds / 1_000
        let replies = try await bench.connection.pipeline([
            RedisCommand(words: words),
            RedisCommand("ZADD", Bench.names.publishers, "\(heartbeat)", SampleEvent.publisher),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }
}
