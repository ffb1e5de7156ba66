import Foundation
import OutboardTesting

/// What publishing costs, and how fast it is.
struct PublishSuite {
    let bench: Bench

    func measure() async throws -> Section {
        let events = bench.scaled(1_000_000)
        return Section(
            .publish, title: "Publish (\(SampleEvent.size)-byte events, nobody subscribed)",
            outcomes: try await Alternation.run(
                [
                    Contender(Names.formatted) { try await reference(.formatted, events) },
                    Contender(Names.argv) { try await reference(.argv, events) },
                    Contender(Names.redisBenchmark) { try await redisBenchmark(events) },
                    Contender(Names.singles) { try await publisher(events, batch: 1, backlog: 4_096) },
                    Contender(Names.arrays) { try await publisher(events * 2, batch: 64, backlog: 16_384) },
                ], rounds: bench.rounds))
    }

    /// What the contenders are called.
    enum Names {
        static let formatted = "C hiredis, preformatted, 512 deep"
        static let argv = "C hiredis, argv, 512 deep"
        static let redisBenchmark = "redis-benchmark -P 64 -c 8"
        static let singles = "Outboard, one event a message"
        static let arrays = "Outboard, arrays under backlog"
    }

    private func reference(_ form: ReferencePublisher.Form, _ events: Int) async throws -> Sample {
        try await withRedisCPU(published: events + events / 10) {
            try await Role.referencePublisher(
                ReferencePublisher(port: bench.redis.port, form: form, events: events)
            ).sample()
        }
    }

    private func publisher(_ events: Int, batch: Int, backlog: Int) async throws -> Sample {
        try await withRedisCPU(published: events + events / 10) {
            try await Role.publisher(
                PublisherRole(url: bench.redis.url, events: events, batch: batch, backlog: backlog)
            ).sample()
        }
    }

    private func redisBenchmark(_ events: Int) async throws -> Sample {
        let payload = String(decoding: try SampleEvent.bytes(lane: 0), as: UTF8.self)
        return try await withRedisCPU(published: events) {
            let lines = try await Tool.run(
                "redis-benchmark",
                [
                    "-p", "\(bench.redis.port)", "-P", "64", "-c", "8", "-n", "\(events)", "--csv",
                    "PUBLISH", SampleEvent.channel(lane: 0), payload,
                ])
            // The last line: "PUBLISH …","<requests a second>",… with the payload's own quotes in the first column.
            let columns = (lines.last ?? "").components(separatedBy: "\",\"").suffix(7)
            guard let first = columns.first, let rate = Double(first), rate > 0 else {
                throw BenchError("redis-benchmark wrote: \(lines.suffix(3))")
            }
            return Sample(events: events, seconds: Double(events) / rate)
        }
    }

    /// Adds what Redis has used; the warm-up counts on both sides.
    private func withRedisCPU(published: Int, _ turn: () async throws -> Sample) async throws -> Sample {
        try await bench.clear()
        let before = try await bench.redisCPU()
        var sample = try await turn()
        sample.redisCPUSeconds = (try await bench.redisCPU() - before) / Double(published) * Double(sample.events)
        return sample
    }
}
