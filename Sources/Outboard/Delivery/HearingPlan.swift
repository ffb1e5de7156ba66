/// One lane that a replica hears, and how long it holds what it hears before it applies it.
package struct LaneHearing: Equatable, Sendable {
    package let lane: Int
    /// `.zero` applies at every flush.
    package let delay: Duration

    package init(lane: Int, delay: Duration) {
        self.lane = lane
        self.delay = delay
    }
}

/// Decides which lanes a replica hears and with what delay it applies them.
///
/// Today every replica hears every lane and applies at once: one replica is exact in every case, several are, too,
/// because the fence refuses what another one applied, only they do the same work. Ranks by replica change this rule
/// and nothing else.
package enum HearingPlan {
    package static func lanes(count: Int) -> [LaneHearing] {
        (0..<count).map { LaneHearing(lane: $0, delay: .zero) }
    }
}

/// Decides how long a hole may wait for somebody else who heard what is in it.
package enum HolePatience {
    /// Milliseconds between the first event behind a hole and its declaration.
    package static let shared: Int64 = 3_000

    /// - Parameters:
    ///   - others: Other replicas whose lease is alive or ended within the last ten seconds.
    ///   - trustedFor: Milliseconds since which this replica has been connected without a break.
    /// - Returns: Zero where nobody else can hold the missing events, else `shared`. A replica that was itself away
    ///   trusts “nobody else” only after one whole lease.
    package static func milliseconds(others: Int, trustedFor: Int64) -> Int64 {
        others == 0 && trustedFor >= Lease.milliseconds ? 0 : shared
    }
}

/// The times of a replica's lease.
package enum Lease {
    /// How long a lease lasts without renewal.
    package static let milliseconds: Int64 = 3_000
    /// How long an ended lease is remembered.
    package static let memoryMilliseconds: Int64 = 10_000
}
