/// Which lanes one replica hears, and how long it holds what it hears on each, as a value.
///
/// ```text
///             wanted: among the first H            subscription confirmed
///   silent ──────────────────────────▶ joining ──────────────────────────▶ heard
///      ▲                                                                     │
///      └──────────── no longer among the first H, and each of these ◀────────┘
///                    has listed the lane for one whole lease
/// ```
///
/// Replicas are ranked for each lane by a weight that all compute alike, highest first, so that nobody has to agree
/// with anybody. The first `H` hear the lane; rank 0 applies at once, the others hold (`RankDelay`). Ranks may differ
/// between replicas for a moment, because each looks at its own time: the fence decides, the ranks only share the work.
///
/// The plan reads no clock and does no I/O: times are milliseconds of any monotonic clock that the caller passes.
package struct HearingPlan: Sendable {
    /// The weight of a replica for a lane; the wire format fixes it (docs/protocol.md).
    package typealias Weight = @Sendable (_ lane: Int, _ replica: String) -> UInt64

    /// What to do after a look at the other replicas. Ranks have changed already.
    package struct Changes: Equatable, Sendable {
        /// Lanes to subscribe to; `confirm` follows when that is done.
        package var join: [Int] = []
        /// Lanes to unsubscribe from; the plan no longer counts them as heard.
        package var leave: [Int] = []
        /// Heard lanes on which a replica that ranked before this one is gone: what came so far is due at once.
        package var takeOver: [Int] = []

        package init(join: [Int] = [], leave: [Int] = [], takeOver: [Int] = []) {
            self.join = join
            self.leave = leave
            self.takeOver = takeOver
        }
    }

    private enum Hearing {
        case silent, joining, heard
    }

    /// Where a replica stands on one lane; the larger one ranks first.
    private struct Standing: Comparable {
        let weight: UInt64
        let replica: String

        static func < (left: Standing, right: Standing) -> Bool {
            (left.weight, left.replica) < (right.weight, right.replica)
        }
    }

    /// What is remembered of another live replica.
    private struct Peer {
        /// By lane.
        let standings: [Standing]
        /// By lane: since when it lists it, as far as this replica has seen; nil where it does not.
        var listedSince: [Int64?]
    }

    package let holders: Int
    private let weight: Weight
    private let standings: [Standing]
    private var hearing: [Hearing]
    private var peers: [String: Peer] = [:]
    private var ranks: [Int]
    private var isDraining = false

    /// - Parameters:
    ///   - lanes: How many there are.
    ///   - holders: How many replicas hear each lane (`H`).
    ///   - replica: Who this is.
    ///   - weight: Ranks replicas; equal weights are ordered by name.
    package init(lanes: Int, holders: Int, replica: String, weight: @escaping Weight) {
        self.holders = holders
        self.weight = weight
        self.standings = (0..<lanes).map { Standing(weight: weight($0, replica), replica: replica) }
        self.hearing = Array(repeating: .silent, count: lanes)
        self.ranks = Array(repeating: 0, count: lanes)
    }

    /// The lanes that are heard, in order: what the replica lists for the others.
    package var heard: [Int] { hearing.indices.filter { hearing[$0] == .heard } }

    /// How many live replicas rank before this one.
    package func rank(_ lane: Int) -> Int { ranks[lane] }

    /// Milliseconds that events of a lane are held before they are applied.
    package func delay(_ lane: Int) -> Int64 {
        // A replica that goes leaves the work to those who stay, if they hear the lane.
        if isDraining, peers.values.contains(where: { $0.listedSince[lane] != nil }) {
            return RankDelay.milliseconds(rank: max(ranks[lane], holders))
        }
        return RankDelay.milliseconds(rank: ranks[lane])
    }

    /// Looks at the other live replicas.
    package mutating func observe(_ roster: Roster, now: Int64) -> Changes {
        let gone = peers.filter { roster.live[$0.key] == nil }.values
        var changes = Changes()
        changes.takeOver = heard.filter { lane in gone.contains { $0.standings[lane] > standings[lane] } }
        remember(roster, now: now)
        for lane in hearing.indices {
            ranks[lane] = peers.values.count { $0.standings[lane] > standings[lane] }
            let isWanted = ranks[lane] < holders
            switch hearing[lane] {
            case .silent where isWanted && !isDraining:
                hearing[lane] = .joining
                changes.join.append(lane)
            case .heard where !isWanted && !isDraining && isHandedOver(lane, now: now):
                hearing[lane] = .silent
                changes.leave.append(lane)
            default: break
            }
        }
        return changes
    }

    /// The subscription to lanes is confirmed.
    package mutating func confirm(_ lanes: [Int]) {
        for lane in lanes where hearing[lane] == .joining { hearing[lane] = .heard }
    }

    /// This replica goes: it joins nothing and leaves nothing any more, and leaves the work to others where it can.
    package mutating func drain() {
        isDraining = true
    }

    /// A new connection hears nothing yet.
    package mutating func reset() {
        for lane in hearing.indices { hearing[lane] = .silent }
        peers = [:]
    }

    // MARK: Private

    private mutating func remember(_ roster: Roster, now: Int64) {
        let lanes = hearing.count
        peers = peers.filter { roster.live[$0.key] != nil }
        for (name, listed) in roster.live {
            var peer =
                peers[name]
                ?? Peer(
                    standings: (0..<lanes).map { Standing(weight: weight($0, name), replica: name) },
                    listedSince: Array(repeating: nil, count: lanes))
            for lane in 0..<lanes {
                peer.listedSince[lane] = listed.contains(lane) ? peer.listedSince[lane] ?? now : nil
            }
            peers[name] = peer
        }
    }

    /// Whether each of the first `H` live replicas has listed a lane for one whole lease.
    private func isHandedOver(_ lane: Int, now: Int64) -> Bool {
        let first = peers.values.sorted { $0.standings[lane] > $1.standings[lane] }.prefix(holders)
        return first.count == holders
            && first.allSatisfy { $0.listedSince[lane].map { now - $0 >= Lease.milliseconds } ?? false }
    }
}
