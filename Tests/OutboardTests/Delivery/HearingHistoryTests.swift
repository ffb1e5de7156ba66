import Testing

@testable import Outboard

/// Many replicas follow the plan while others come, go and crash; who hears what is looked at after each step.
@Suite("Histories of hearers")
struct HearingHistoryTests {
    private static let lanes = 16

    private struct Replica {
        let name: String
        var plan: HearingPlan
        /// What its hash says.
        var listed: Set<Int> = []
        var isMember = false
    }

    /// One look of one replica at the others, and all that follows from it.
    private static func look(_ index: Int, _ replicas: inout [Replica], now: Int64) {
        let peers = replicas.filter { $0.isMember && $0.name != replicas[index].name }.map {
            Roster.Peer(replica: $0.name, leaseEnd: now + 1, isConnected: true, lanes: $0.listed)
        }
        let changes = replicas[index].plan.observe(Roster(peers: peers, redisNow: now), now: now)
        replicas[index].plan.confirm(changes.join)
        replicas[index].isMember = true
        replicas[index].listed = Set(replicas[index].plan.heard)
    }

    private static func weight(_ lane: Int, _ replica: String) -> UInt64 {
        replica.utf8.reduce(UInt64(lane) &* 0x9E37_79B9_7F4A_7C15) { Bytes.mix($0, UInt64($1)) }
    }

    @Test("a lane that two heard is never left by both, whoever comes and goes", arguments: UInt64(0)..<1_000)
    func neverLeft(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var replicas: [Replica] = []
        var born = 0
        var now: Int64 = 0
        for step in 0..<80 {
            now += Int64.random(in: 50...1_500, using: &generator)
            let chance = Int.random(in: 0..<10, using: &generator)
            if replicas.count < 2 || (chance == 0 && replicas.count < 8) {
                born += 1
                let name = "r\(born)"
                replicas.append(
                    Replica(
                        name: name,
                        plan: HearingPlan(
                            lanes: Self.lanes, holders: 2, replica: name, weight: Self.weight)))
                Self.look(replicas.count - 1, &replicas, now: now)
            } else if chance == 1, replicas.count > 2 {
                // A crash; everybody else looks before the next one, as with faults a second apart.
                replicas.remove(at: Int.random(in: 0..<replicas.count, using: &generator))
                for index in replicas.indices { Self.look(index, &replicas, now: now + 250) }
            } else {
                Self.look(Int.random(in: 0..<replicas.count, using: &generator), &replicas, now: now)
            }
            guard replicas.count >= 2, step > 2 else { continue }
            for lane in 0..<Self.lanes {
                let hearers = replicas.filter { $0.listed.contains(lane) }.count
                #expect(hearers >= 1, "lane \(lane) after step \(step)")
            }
        }
        // At rest: two hear each lane, one of them applies at once, and no work is done thrice.
        for _ in 0..<4 {
            now += Lease.milliseconds
            for index in replicas.indices { Self.look(index, &replicas, now: now) }
        }
        for lane in 0..<Self.lanes {
            let hearers = replicas.filter { $0.listed.contains(lane) }
            #expect(hearers.count == 2)
            #expect(hearers.map { $0.plan.rank(lane) }.sorted() == [0, 1])
        }
    }
}
