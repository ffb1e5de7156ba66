import RedisClient

/// The order of replicas on a lane, which all implementations must compute alike: docs/protocol.md, "Who hears a lane".
enum LaneWeight {
    /// The first eight bytes, big-endian, of SHA-1 over `<type>:<lane>|<replica>`; the highest weight ranks first.
    static func of(type: String, lane: Int, replica: String) -> UInt64 {
        SHA1.digest(of: Array("\(type):\(lane)|\(replica)".utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
