import Outboard

extension Outbox {
    /// What a publisher says in Redis of the numbers it has given out, and what it may forget once it has said so.
    package struct Record: Sendable {
        /// Fields of the record's hash.
        package let fields: [(name: String, number: UInt64)]
        /// Lanes in `lanes`, in the order of `fields`.
        fileprivate let lanes: [Int]
        /// Events from the front that it covers.
        fileprivate let covered: Int

        package var isEmpty: Bool { fields.isEmpty }
    }

    /// Takes what the record is behind with; to be written behind the messages that were taken before. One record is
    /// under way at a time.
    ///
    /// A lane's number is the one before its first waiting event, so it covers what was sent and what was dropped.
    package mutating func takeRecord() -> Record {
        defer { unrecorded.removeAll(keepingCapacity: true) }
        return record(of: unrecorded)
    }

    /// Takes the record of types that are new on this connection: all of their lanes, zero unless events were dropped.
    /// To be written before their first message.
    package mutating func takeUnannounced() -> [(name: String, number: UInt64)] {
        guard !unannounced.isEmpty else { return [] }
        defer { unannounced = [] }
        return record(of: lanes.indices.filter { unannounced.contains(lanes[$0].type) }).fields
    }

    /// Forgets the events that a record covers, because it was written over the connection that sent them.
    package mutating func booked(_ record: Record) {
        for (lane, field) in zip(record.lanes, record.fields) {
            lanes[lane].recorded = max(lanes[lane].recorded, field.number)
        }
        forget(record.covered)
    }

    func record(of indices: some Collection<Int>) -> Record {
        // A drop behind everything that waits shows only here. Lanes that have one are rare: then it is worth a search.
        let hidden = indices.contains { lanes[$0].dropped > lanes[$0].sent }
        let waiting = hidden ? Set(events[sent...].map(\.lane)) : []
        return Record(
            fields: indices.map { index in
                let lane = lanes[index]
                let number = waiting.contains(Int32(index)) ? lane.sent : max(lane.sent, lane.dropped)
                return (RedisNames.recorded(type: lane.type, lane: lane.number), number)
            }, lanes: Array(indices), covered: sent)
    }
}
