/// Decides the lane of an event.
package enum LaneRule {
    /// Lanes of each type unless configured otherwise: enough for up to eight replicas to share them evenly
    /// (docs/decisions/0008-lanes.md).
    package static let defaultCount = 256

    /// The lane of a partition key: FNV-1a with 64 bits over its UTF-8, modulo the number of lanes.
    package static func lane(ofKey key: String, lanes: Int) -> Int {
        Int(Bytes.fnv1a(key.utf8) % UInt64(lanes))
    }
}
