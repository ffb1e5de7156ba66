import Foundation
import Outboard
import Testing

@testable import OutboardRedis

/// Random histories of a whole plugin, without Redis: publishers, replicas and faults on a manual clock.
@Suite("Simulated histories", .timeLimit(.minutes(5)))
struct SimulationTests {
    /// Histories of each kind; `OUTBOARD_SEEDS` raises it for a long run.
    static let seeds = UInt64(ProcessInfo.processInfo.environment["OUTBOARD_SEEDS"] ?? "") ?? 250

    private enum Faults {
        /// Far enough apart that the survivors have settled.
        case single
        /// As they come, also several at once.
        case many
    }

    private struct World {
        var redis = SimulatedRedis()
        var replicas: [SimulatedReplica] = []
        var generator: SeededNumbers
        var now: Int64 = 1_000_000
        var published = 0
        var born = 0
        let lanes = 4

        mutating func bear() {
            born += 1
            replicas.append(
                SimulatedReplica("replica-\(born)", lanes: lanes, now: now, redis: &redis, others: replicas))
        }

        mutating func publish() {
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let lane = Int.random(in: 0..<lanes, using: &generator)
                let source = "/p-\(Int.random(in: 1...2, using: &generator))/t/\(lane)"
                let first = redis.records[source, default: 0] + 1
                let count = UInt64.random(in: 1...3, using: &generator)
                let events = (first..<first + count).map { Self.event(source, $0) }
                let text = count == 1 ? events[0] : "[" + events.joined(separator: ",") + "]"
                for replica in replicas { replica.hear(lane, Array(text.utf8)) }
                redis.records[source] = first + count - 1
                published += Int(count)
            }
        }

        private static func event(_ source: String, _ id: UInt64) -> String {
            #"{"specversion":"1.0","source":"\#(source)","id":"\#(id)","type":"t","time":"2026-11-21T10:00:00Z","#
                + #""datacontenttype":"application/json","data":{"number":\#(id)}}"#
        }

        /// - Parameter losesReply: A replica whose connection breaks between its flush and the reply.
        mutating func step(losesReply victim: SimulatedReplica? = nil) {
            now += 50
            publish()
            for replica in replicas.shuffled(using: &generator) {
                replica.step(now, &redis, replicas, losesReply: replica === victim)
            }
            // A dead one is out of sight when its lease is forgotten.
            replicas.removeAll { $0.isDead && (redis.leases[$0.name] ?? 0) < now - Lease.memoryMilliseconds }
        }

        /// One fault of a random kind; returns who loses its next reply.
        mutating func fault() -> SimulatedReplica? {
            let well = replicas.filter(\.isWell)
            guard let victim = well.randomElement(using: &generator) else { return nil }
            switch Int.random(in: 0..<6, using: &generator) {
            case 0:
                victim.kill(&redis)
                bear()
            case 1: victim.cut(until: now + Int64.random(in: 50...800, using: &generator))
            case 2: victim.stop(until: now + Int64.random(in: 100...6_000, using: &generator))
            case 3:
                bear()
                victim.drain(now, &redis)
            case 4: if well.count < 5 { bear() }
            default: return victim
            }
            return nil
        }

        /// Steps without new events until everything is dealt with, 25 s at most.
        mutating func settle() {
            for _ in 0..<500 where !isAtRest {
                now += 50
                for replica in replicas { replica.step(now, &redis, replicas, losesReply: false) }
            }
        }

        private var isAtRest: Bool {
            isSettled && replicas.allSatisfy { $0.isDead || ($0.isWell && $0.keptBytes == 0) }
        }

        var isSettled: Bool { redis.records.allSatisfy { redis.fences[$0.key] == $0.value } }
    }

    private func history(_ seed: UInt64, _ faults: Faults) {
        var world = World(generator: SeededNumbers(seed: seed))
        for _ in 0..<Int.random(in: 2...4, using: &world.generator) { world.bear() }
        // Newcomers leave lanes to one another first.
        for _ in 0..<100 { world.step() }
        var nextFault = 0
        for step in 0..<500 {
            guard step >= nextFault else {
                world.step()
                continue
            }
            let victim = world.fault()
            world.step(losesReply: victim)
            let gap = faults == .single ? 140...200 : 1...40
            nextFault = step + Int.random(in: gap, using: &world.generator)
        }
        world.settle()
        let published = world.published
        let redis = world.redis
        #expect(world.isSettled, "seed \(seed): every event is dealt with")
        #expect(redis.counted == redis.handled, "seed \(seed): nothing counts twice")
        #expect(redis.handled + redis.missed == published, "seed \(seed): the books balance")
        let sum = redis.records.values.reduce(0) { $0 + Int($1 * ($1 + 1) / 2) }
        #expect(redis.sum == sum, "seed \(seed): each event's own effects, or its own number missed")
        #expect(redis.missed < published / 2, "seed \(seed): most are counted, whatever happens")
        if faults == .single { #expect(redis.missed == 0, "seed \(seed): one fault at a time loses nothing") }
        for replica in world.replicas where !replica.isDead {
            #expect(replica.keptBytes == 0, "seed \(seed): \(replica.name) keeps nothing at rest")
        }
    }

    @Test("one fault at a time: nothing missed, nothing twice", arguments: 0..<seeds)
    func single(seed: UInt64) {
        history(seed, .single)
    }

    @Test("faults as they come: the books balance, nothing twice", arguments: 0..<seeds)
    func many(seed: UInt64) {
        history(seed, .many)
    }
}

/// A generator whose run can be repeated (SplitMix64, public domain algorithm by Sebastiano Vigna).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
