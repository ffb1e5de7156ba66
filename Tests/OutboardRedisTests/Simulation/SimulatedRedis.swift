import Outboard

@testable import OutboardRedis

/// Counts what it gets, for simulations.
struct Tally: Plugin {
    struct Payload: EventPayload {
        static let eventType = "t"
        var number: Int
    }
    static let manifest = Manifest(name: "tally", version: "1.0.0", summary: "Counts.")

    func effects(of event: Event<Payload>, into effects: inout Effects) {
        effects.increment("events")
        effects.increment("sum", by: event.data.number)
    }
}

/// What Redis does for the books, in memory: the meaning of `apply.lua`, `declare.lua` and `admit.lua`.
struct SimulatedRedis {
    var fences: [String: UInt64] = [:]
    var handled = 0
    var missed = 0
    var baseline = 0
    var counted = 0
    /// Of the numbers of all events that were counted or missed.
    var sum = 0
    /// Source → last number published.
    var records: [String: UInt64] = [:]
    /// Replica → end of its lease.
    var leases: [String: Int64] = [:]
    /// Replica → lanes of its hash.
    var listed: [String: Set<Int>] = [:]

    mutating func apply(_ groups: [Batch.Group], _ sources: [ReplicaSource]) -> [BatchEncoding.Outcome] {
        groups.map { group in
            let seen = group.ranges.map { fences[sources[$0.source].text] }
            guard zip(group.ranges, seen).allSatisfy({ $1 == $0.from - 1 }) else { return .refused(seen) }
            for range in group.ranges {
                fences[sources[range.source].text] = range.to
                handled += Int(range.handled)
            }
            counted += group.effects.total("events")
            sum += group.effects.total("sum")
            return .applied
        }
    }

    mutating func declare(_ source: String, _ numbers: ClosedRange<UInt64>) -> (fence: UInt64?, isBooked: Bool) {
        guard fences[source] == numbers.lowerBound - 1 else { return (fences[source], false) }
        fences[source] = numbers.upperBound
        missed += numbers.count
        sum += numbers.reduce(0) { $0 + Int($1) }
        return (numbers.upperBound, true)
    }

    mutating func admit(_ source: String, _ before: UInt64) -> UInt64? {
        if fences[source] == nil {
            fences[source] = before
            baseline += Int(before)
        }
        return fences[source]
    }
}
