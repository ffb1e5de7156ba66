import Foundation
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("Several replicas", .timeLimit(.minutes(5)), .serialized)
struct SharingTests {
    /// Seconds of the test of kills, one a second; `OUTBOARD_KILLS=60` for a long run.
    private static let kills = Int(ProcessInfo.processInfo.environment["OUTBOARD_KILLS"] ?? "") ?? 10

    @Test("count 100 000 events exactly, each lane heard by two, the work shared")
    func exact() async throws {
        try await Fleet.with { fleet in
            let replicas = try await fleet.start(3)
            try await fleet.bus.wait(seconds: 10, "two hear each lane") {
                try await fleet.hearers() == Array(repeating: 2, count: fleet.lanes)
            }
            try await fleet.withPublisher { publisher in
                for number in 0..<100_000 {
                    try fleet.publish(on: publisher, number: number)
                    // Bursts of a size that a core under load has.
                    if number.isMultiple(of: 100) { await Task.yield() }
                }
                try await fleet.settle(100_000)
            }
            #expect(try await fleet.sum(.missed) == 0)
            #expect(try await fleet.sum(.handled) == 100_000)
            try await fleet.bus.wait(seconds: 5, "each replica has written its figures") {
                try await fleet.figures("handled").values.reduce(0, +) == 100_000
            }
            // Three replicas, two hearers: each event is received twice in all, and handled once or hardly more.
            let received = try await fleet.figures("received").values
            #expect(received.reduce(0, +) <= 210_000)
            #expect(received.allSatisfy { $0 < 100_000 })
            try await fleet.stop(replicas)
        }
    }

    @Test("hear each lane twice at the most a second after a change")
    func lanes() async throws {
        try await Fleet.with { fleet in
            var replicas = try await fleet.start(1)
            #expect(try await fleet.hearers() == Array(repeating: 1, count: fleet.lanes))
            for count in 2...4 {
                replicas += try await fleet.start(1)
                try await fleet.bus.wait(seconds: 1, "\(count): at least two hear each lane") {
                    try await fleet.hearers().allSatisfy { $0 >= 2 }
                }
            }
            // Those who are no longer among the first two leave once these have listed the lane for a lease.
            try await fleet.bus.wait(seconds: 10, "exactly two hear each lane") {
                try await fleet.hearers().allSatisfy { $0 == 2 }
            }
            let dead = replicas.removeFirst()
            dead.kill()
            try await fleet.bus.wait(seconds: 1, "one died: two hear each lane again") {
                try await fleet.hearers().allSatisfy { $0 >= 2 }
            }
            try await fleet.stop(replicas)
        }
    }

    @Test("miss nothing when one of four is killed every second")
    func killed() async throws {
        try await Fleet.with { fleet in
            let replicas = Replicas(try await fleet.start(4))
            let published = try await fleet.publishing(perSecond: 5_000) {
                for round in 0..<Self.kills {
                    replicas[round % 4].kill()
                    replicas[round % 4] = try fleet.launch()
                    try await elapse(.seconds(1))
                }
            }
            let missed = try await fleet.settle(published)
            #expect(missed == 0, "of \(published)")
            try await fleet.stop(replicas.all)
        }
    }

    @Test("miss nothing when newcomers crash at birth, one every 300 ms")
    func crashingNewcomers() async throws {
        try await Fleet.with { fleet in
            let healthy = try await fleet.start(2)
            let published = try await fleet.publishing(perSecond: 2_000) {
                for _ in 0..<20 {
                    let newcomer = try fleet.launch()
                    try await newcomer.waitForLine(containing: "ready", within: .seconds(20))
                    newcomer.kill()
                    try await elapse(.milliseconds(300))
                }
            }
            #expect(try await fleet.settle(published) == 0, "of \(published)")
            try await fleet.stop(healthy)
        }
    }

    @Test("miss nothing in a rolling restart, nor when scaled 1, 5, 2")
    func scaled() async throws {
        try await Fleet.with { fleet in
            let replicas = Replicas(try await fleet.start(1))
            let published = try await fleet.publishing(perSecond: 3_000) {
                replicas.add(try await fleet.start(4))
                try await elapse(.seconds(2))
                for index in 0..<5 {
                    let old = replicas[index]
                    replicas[index] = try await fleet.start(1)[0]
                    try await fleet.stop([old])
                }
                try await fleet.stop(replicas.removeFirst(3))
            }
            #expect(try await fleet.settle(published) == 0, "of \(published)")
            try await fleet.stop(replicas.all)
        }
    }
}

/// Replicas that a scenario replaces while events flow.
final class Replicas: @unchecked Sendable {
    // Proof: one task at a time touches it, the scenario's or, when that has ended, the test's.
    private(set) var all: [ChildProcess]

    init(_ all: [ChildProcess]) {
        self.all = all
    }

    subscript(index: Int) -> ChildProcess {
        get { all[index] }
        set { all[index] = newValue }
    }

    func add(_ more: [ChildProcess]) {
        all += more
    }

    func removeFirst(_ count: Int) -> [ChildProcess] {
        defer { all.removeFirst(count) }
        return Array(all.prefix(count))
    }
}
