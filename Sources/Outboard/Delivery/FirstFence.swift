/// Decides where a source without a fence begins, from what one replica knows of it: docs/protocol.md, "First fence".
package struct FirstFence: Equatable, Sendable {
    /// The lowest number that was heard and is held back; nil if nothing was.
    package var firstHeld: UInt64?
    /// What the publisher's record says of the source.
    package var recorded: UInt64?
    /// When the publisher registered, in milliseconds of Redis's clock; nil if there is no record.
    package var started: Int64?
    /// When the plugin began to hear the type, by the same clock.
    package var since: Int64
    /// What the record said when a probe proved that all of it should have arrived; nil until then.
    package var proven: UInt64?
    /// Milliseconds since the first such proof.
    package var provenFor: Int64
    /// Milliseconds since which this replica has heard the lane.
    package var hearingFor: Int64
    /// Milliseconds since which it has known of the source.
    package var knownFor: Int64
    /// Whether other replicas may hear the lane, too.
    package var isShared: Bool
    /// Whether this replica ranks first on the lane.
    package var isFirst: Bool

    /// Milliseconds for which a newcomer leaves the decision to those who have heard the lane before it: they may have
    /// an event that it has not.
    package static let newcomer: Int64 = 1_000

    package init(
        firstHeld: UInt64? = nil, recorded: UInt64? = nil, started: Int64? = nil, since: Int64 = 0,
        proven: UInt64? = nil, provenFor: Int64 = 0, hearingFor: Int64 = 0, knownFor: Int64 = 0, isShared: Bool = false,
        isFirst: Bool = true
    ) {
        self.firstHeld = firstHeld
        self.recorded = recorded
        self.started = started
        self.since = since
        self.proven = proven
        self.provenFor = provenFor
        self.hearingFor = hearingFor
        self.knownFor = knownFor
        self.isShared = isShared
        self.isFirst = isFirst
    }

    /// The number of events before the plugin's time, or nil as long as that cannot be said.
    package var baseline: UInt64? {
        guard let started else {
            guard let firstHeld, min(hearingFor, knownFor) >= HolePatience.shared else { return nil }
            return firstHeld - 1
        }
        // What came after the plugin's beginning belongs to it from its first event on.
        if started > since { return firstHeld != nil || (recorded ?? 0) > 0 ? 0 : nil }
        if let firstHeld { return isShared && hearingFor < Self.newcomer ? nil : firstHeld - 1 }
        guard isFirst, let proven, proven > 0, provenFor >= HolePatience.shared else { return nil }
        return proven
    }
}
