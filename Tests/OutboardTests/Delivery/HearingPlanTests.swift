import Testing

@testable import Outboard

@Suite("The plan of lanes")
struct HearingPlanTests {
    /// Weights as the test wants them: replica → weight on every lane.
    static func plan(_ replica: String, _ weights: [String: UInt64], lanes: Int = 1) -> HearingPlan {
        HearingPlan(lanes: lanes, holders: 2, replica: replica) { _, replica in weights[replica] ?? 0 }
    }

    static func roster(_ live: [String: Set<Int>]) -> Roster {
        Roster(
            peers: live.map { Roster.Peer(replica: $0.key, leaseEnd: 10, isConnected: true, lanes: $0.value) })
    }

    private let weights: [String: UInt64] = ["a": 40, "b": 30, "c": 20, "d": 10]

    @Test("a replica alone hears every lane at once")
    func alone() {
        var plan = Self.plan("d", weights, lanes: 3)
        #expect(plan.observe(Roster(), now: 0) == HearingPlan.Changes(join: [0, 1, 2]))
        #expect(plan.heard == [])
        plan.confirm([0, 1, 2])
        #expect(plan.heard == [0, 1, 2])
        #expect(plan.delay(1) == 0)
        #expect(plan.observe(Roster(), now: 1) == HearingPlan.Changes())
    }

    @Test("the first two hear a lane, the second holds", arguments: [("a", 0), ("b", 1_500), ("c", nil as Int64?)])
    func ranks(replica: String, delay: Int64?) {
        var plan = Self.plan(replica, weights)
        let others = Dictionary(uniqueKeysWithValues: ["a", "b", "c"].filter { $0 != replica }.map { ($0, Set([0])) })
        let changes = plan.observe(Self.roster(others), now: 0)
        #expect(changes.join == (delay == nil ? [] : [0]))
        if let delay { #expect(plan.delay(0) == delay) }
    }

    @Test("stays on a lane until both of the first have listed it for one whole lease")
    func handOver() {
        var plan = Self.plan("c", weights)
        _ = plan.observe(Roster(), now: 0)
        plan.confirm([0])
        #expect(plan.observe(Self.roster(["a": [], "b": [0]]), now: 1_000).leave == [])
        #expect(plan.delay(0) == 2_000)
        #expect(plan.observe(Self.roster(["a": [0], "b": [0]]), now: 2_000).leave == [])
        #expect(plan.observe(Self.roster(["a": [0], "b": [0]]), now: 4_999).leave == [])
        // One that stops listing begins anew.
        #expect(plan.observe(Self.roster(["a": [0], "b": []]), now: 5_000).leave == [])
        #expect(plan.observe(Self.roster(["a": [0], "b": [0]]), now: 5_100).leave == [])
        #expect(plan.observe(Self.roster(["a": [0], "b": [0]]), now: 8_099).leave == [])
        #expect(plan.observe(Self.roster(["a": [0], "b": [0]]), now: 8_100).leave == [0])
        #expect(plan.heard == [])
    }

    @Test("newcomers that crash at birth drive nobody away")
    func crashingNewcomers() {
        var plan = Self.plan("c", weights)
        _ = plan.observe(Roster(), now: 0)
        plan.confirm([0])
        for round in 0..<20 {
            let now = Int64(round) * 600
            let born = Self.roster(["a": [0], "b": [0]])
            #expect(plan.observe(born, now: now).leave == [])
            // Both ranked before, so what came until now is due at once.
            #expect(plan.observe(Roster(), now: now + 300).takeOver == [0])
            #expect(plan.delay(0) == 0)
        }
    }

    @Test("takes over from those who ranked before, whoever ranks first by then")
    func takeOver() {
        var plan = Self.plan("c", weights)
        _ = plan.observe(Self.roster(["b": [0]]), now: 0)
        plan.confirm([0])
        #expect(plan.delay(0) == 1_500)
        // "b" dies in the same moment in which "a" is born: "a" is rank 0 and has nothing of what "b" had.
        let changes = plan.observe(Self.roster(["a": [0]]), now: 250)
        #expect(changes.takeOver == [0])
        #expect(plan.delay(0) == 1_500)
        // Whoever ranked behind is none of its business.
        _ = plan.observe(Self.roster(["a": [0], "d": [0]]), now: 500)
        #expect(plan.observe(Self.roster(["a": [0]]), now: 750).takeOver == [])
    }

    @Test("one that goes leaves the work to those who hear the lane, and keeps it where nobody does")
    func draining() {
        var plan = Self.plan("a", weights, lanes: 2)
        _ = plan.observe(Self.roster(["b": [0]]), now: 0)
        plan.confirm([0, 1])
        plan.drain()
        #expect(plan.observe(Self.roster(["b": [0]]), now: 50) == HearingPlan.Changes())
        #expect(plan.delay(0) == 2_000)
        #expect(plan.delay(1) == 0)
        #expect(plan.observe(Self.roster(["b": [0, 1]]), now: 100) == HearingPlan.Changes())
        #expect(plan.delay(1) == 2_000)
    }

    @Test("a dead lease or a lost connection ends a life; ended leases are remembered for ten seconds")
    func roster() {
        let peers = [
            Roster.Peer(replica: "live", leaseEnd: 20_001, isConnected: true, lanes: [1]),
            Roster.Peer(replica: "deaf", leaseEnd: 22_000, isConnected: false, lanes: [2]),
            Roster.Peer(replica: "ended", leaseEnd: 10_001, isConnected: true, lanes: [3]),
            Roster.Peer(replica: "forgotten", leaseEnd: 10_000, isConnected: true, lanes: [4]),
        ]
        let roster = Roster(peers: peers, redisNow: 20_000)
        #expect(roster.live == ["live": [1]])
        #expect(roster.remembered == 3)
    }

    @Test("a hole is declared at once only by a replica that is alone and has been there for a lease")
    func patience() {
        #expect(HolePatience.milliseconds(others: 0, trustedFor: 3_000) == 0)
        #expect(HolePatience.milliseconds(others: 0, trustedFor: 2_999) == 3_000)
        #expect(HolePatience.milliseconds(others: 1, trustedFor: 60_000) == 3_000)
        // Whoever holds applies before anybody declares.
        #expect((0..<5).allSatisfy { RankDelay.milliseconds(rank: $0) < HolePatience.shared })
    }
}
