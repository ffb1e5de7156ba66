import Outboard

/// What a replica knows of one source.
struct ReplicaSource {
    let text: String
    let bytes: [UInt8]
    let publisher: String
    let lane: Int
    var cursor = SourceCursor<ByteSlice>()
    /// The index of this source's range in the group of the current batch; nil if it has none.
    var range: Int?
    /// Goes into a group of its own, because a group with it was refused.
    var isContended = false
    /// The publisher's last acknowledged number, as last read.
    var recorded: UInt64?
    /// When this source was first heard or read of, in milliseconds of the monotonic clock.
    let firstSeen: Int64

    /// No number above this is believed before the record and the fence were read again.
    var plausibleLimit: UInt64 {
        max(cursor.next ?? 0, recorded ?? 0) + Self.plausibleStep
    }

    static let plausibleStep: UInt64 = 1 << 20
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
