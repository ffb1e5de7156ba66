import Outboard
import RedisClient

/// What a publisher says of itself in Redis; docs/protocol.md, "Record".
struct PublisherRecord: Equatable {
    /// Milliseconds of Redis's clock at its registration; nil where the record has none.
    var started: Int64?
    /// Lane → last acknowledged number, for one type.
    var numbers: [Int: UInt64] = [:]

    /// Reads an `HGETALL` reply; fields of other types and fields that make no sense are passed over.
    init(_ reply: RedisValue, type: String) throws {
        for (field, value) in try reply.stringPairs() {
            if field == RedisNames.Record.started {
                started = Int64(value)
            } else if let slash = field.lastIndex(of: "/"), field[..<slash] == type,
                let lane = Int(field[field.index(after: slash)...]), let number = UInt64(value)
            {
                numbers[lane] = number
            }
        }
    }
}
