import Outboard

/// What a replica knows of one source.
struct ReplicaSource {
    let text: String
    let bytes: [UInt8]
    let publisher: String
    let lane: Int
    var cursor = SourceCursor<ByteSlice>()
    /// Where this source's range lies in the current batch; nil if it has none.
    var place: Batch.Place?
    /// Has events in the current batch, in groups that are full or in the one that is open.
    var isBatched = false
    /// Goes into a group of its own, because a group with it was refused.
    var isContended = false
    /// Its publisher was forgotten: what still comes from it is malformed.
    var isRetired = false
    /// The publisher's last acknowledged number, as last read.
    var recorded: UInt64?
    /// What the record said when a probe proved that all of it should have arrived, and since when that is known.
    var proven: (number: UInt64, since: Int64)?
    /// The fence when the plugin was enabled again: what it did not hear right behind it was skipped, not missed.
    var resumedAt: UInt64?
    /// When this source was first heard or read of, in milliseconds of the monotonic clock.
    let firstSeen: Int64

    /// Events held though their numbers are absurd, until they are judged.
    var suspects = 0
    /// Messages of this source on standby.
    var onStandby = 0

    /// No number above this is believed before the record and the fence were read again; nil while neither is known.
    var plausibleLimit: UInt64? {
        guard cursor.next != nil || recorded != nil else { return nil }
        return max(cursor.next ?? 0, recorded ?? 0) + Self.plausibleStep
    }

    /// Judges an event by its number; nil if that is absurd. The next one never is, so nothing else is asked about it.
    mutating func receive(_ id: UInt64) -> SourceCursor<ByteSlice>.Arrival? {
        if id != cursor.next, let limit = plausibleLimit, id > limit { return nil }
        return cursor.receive(id)
    }

    static let plausibleStep: UInt64 = 1 << 20
}

/// One lane as a replica takes it in.
struct LaneIntake {
    /// Whether messages are taken. Redis may send some before it is known here that the subscription is confirmed.
    var isOpen = false
    /// Whether this replica is one of the lane's hearers: its subscription is confirmed.
    var isHeard = false
    /// Since when, in milliseconds of the monotonic clock.
    var hearingSince: Int64 = 0
    var rule = Standby.Rule()
    var standby = Standby()
    /// The source of the last event: nearly always that of the next one, too, because publishers send in runs.
    var recent: Int?
    /// Indices of the lane's sources.
    var sources: [Int] = []
}

/// What a replica has done since its start, for its hash in Redis.
package struct ReplicaFigures: Sendable, Equatable {
    package var received: UInt64 = 0
    package var handled: UInt64 = 0
    package var failed: UInt64 = 0
    package var malformed: UInt64 = 0
    package var missed: UInt64 = 0
    package var letGo: UInt64 = 0
    package var lagMilliseconds: Int64 = 0
}
