import Outboard
import RedisClient

/// What one publisher says of itself in Redis; docs/protocol.md, "Record".
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

    var isEmpty: Bool { started == nil && numbers.isEmpty }
}

/// The records of all publishers as last read.
struct PublisherRecords {
    var ofPublisher: [String: PublisherRecord] = [:]
    /// Publisher → its last heartbeat, in milliseconds of Redis's clock.
    var heartbeats: [String: Int64] = [:]
    /// When all were last read, in milliseconds of the monotonic clock.
    var readAt: Int64 = .min
    /// Publishers that were heard and have no record → when they were last looked for.
    var lookedFor: [String: Int64] = [:]

    /// A publisher's record may be written this long behind its last heartbeat, generously.
    private static let settled: Int64 = 10_000

    /// Publishers whose record may have changed since it was read: those who live, and those who are new here.
    func changing(_ heartbeats: [String: Int64], redisNow: Int64) -> [String] {
        heartbeats.filter { publisher, beat in
            ofPublisher[publisher] == nil || self.heartbeats[publisher] != beat || beat > redisNow - Self.settled
        }.keys.sorted()
    }

    /// Sources of which nothing had been published.
    func unbegun(type: String, lanes: Int) -> [String] {
        ofPublisher.sorted { $0.key < $1.key }.flatMap { publisher, record in
            record.numbers.filter { (0..<lanes).contains($0.key) && $0.value == 0 }.keys.sorted()
                .map { "/\(publisher)/\(type)/\($0)" }
        }
    }
}
