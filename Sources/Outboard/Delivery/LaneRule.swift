/// Decides the lane of an event.
package enum LaneRule {
    /// Lanes of each type unless configured otherwise.
    package static let defaultCount = 64

    /// The lane of a partition key: FNV-1a with 64 bits over its UTF-8, modulo the number of lanes.
    package static func lane(ofKey key: String, lanes: Int) -> Int {
        Int(Bytes.fnv1a(key.utf8) % UInt64(lanes))
    }
}
