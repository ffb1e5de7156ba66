/// The times by which replicas of a plugin know of each other; docs/protocol.md, "Who hears a lane".
package enum Lease {
    /// How long a lease lasts without renewal, in milliseconds.
    package static let milliseconds: Int64 = 3_000
    /// How long an ended lease is remembered, in milliseconds.
    package static let memoryMilliseconds: Int64 = 10_000
}

/// Decides how long a hole may wait for somebody else who heard what is in it.
package enum HolePatience {
    /// Milliseconds between the first event behind a hole and its declaration.
    package static let shared: Int64 = 3_000

    /// - Parameters:
    ///   - others: Other replicas whose lease is alive or ended within the last ten seconds.
    ///   - trustedFor: Milliseconds since which this replica has been there without a break.
    /// - Returns: Zero where nobody else can hold the missing events, else `shared`. A replica that was itself away
    ///   trusts “nobody else” only after one whole lease.
    package static func milliseconds(others: Int, trustedFor: Int64) -> Int64 {
        others == 0 && trustedFor >= Lease.milliseconds ? 0 : shared
    }
}

/// Decides how long a hearer holds an event before it applies it.
package enum RankDelay {
    /// Milliseconds between the arrival of an event and its application. Rank 0 applies at every flush; the others only
    /// what the fence has not passed until then, always before a hole would be declared (`HolePatience`).
    package static func milliseconds(rank: Int) -> Int64 {
        switch rank {
        case 0: 0
        case 1: 1_500
        default: 2_000
        }
    }
}
