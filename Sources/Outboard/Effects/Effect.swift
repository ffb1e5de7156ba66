/// What one merged effect does to Redis; docs/protocol.md, "Effects".
package enum EffectKind: UInt8, Sendable, CaseIterable {
    /// Adds to a field of the hash of counters.
    case counter
    /// Adds to a field of the hash of one family.
    case family
    /// Adds to a time bucket of a minute.
    case minute
    /// Adds to a time bucket of an hour.
    case hour
    /// Adds to a time bucket of a day.
    case day
    /// Adds to a histogram's bucket; the field is its upper bound.
    case bucket
    /// Adds to a histogram's `count`.
    case bucketCount
    /// Adds to a histogram's `sum`.
    case bucketSum
    /// Adds to a member's score.
    case rank
    /// Adds an element to a HyperLogLog.
    case unique
    /// Raises a field to a value.
    case maximum
    /// Lowers a field to a value.
    case minimum
    /// Adds to the `count` of one field's histogram and to the list of fields; goes before that field's other parts.
    case fieldCount
    /// Adds to a bucket of one field's histogram.
    case fieldBucket
    /// Adds to the `sum` of one field's histogram.
    case fieldSum
    /// Adds an element to the HyperLogLog of a day.
    case uniqueDay

    /// The kind of a series of this unit.
    package init(_ unit: SeriesUnit) {
        switch unit {
        case .minute: self = .minute
        case .hour: self = .hour
        case .day: self = .day
        }
    }

    /// The time that a key or bucket of this kind spans; nil where time plays no part.
    package var unit: SeriesUnit? {
        switch self {
        case .minute: .minute
        case .hour: .hour
        case .day: .day
        case .uniqueDay: UniqueSpan.day.unit
        default: nil
        }
    }
}

/// How the values of two effects on the same thing become one.
package enum EffectMerge {
    case add, larger, smaller

    package init(_ kind: EffectKind) {
        switch kind {
        case .maximum: self = .larger
        case .minimum: self = .smaller
        default: self = .add
        }
    }
}

/// Why an event's effects cannot be taken; the event then counts as `failed`.
public enum EffectError: Error, Equatable, CustomStringConvertible {
    /// The name is not `[a-z][a-z0-9_]{0,47}`.
    case invalidName(String)
    /// A histogram holds integers of 0 and more.
    case negativeObservation(name: String, value: Int)
    /// The event's time is more than a day from Redis's clock, so it has no bucket.
    case timeOutOfRange(name: String)

    /// What is wrong, and with which effect.
    public var description: String {
        switch self {
        case .invalidName(let name):
            "effect name '\(name)': needs a lowercase letter, then up to 47 of a-z, 0-9 and _"
        case .negativeObservation(let name, let value):
            "observe(\"\(name)\", \(value)): a histogram holds integers of 0 and more"
        case .timeOutOfRange(let name):
            "effect \"\(name)\" per unit of time: the event's time is more than a day from Redis's clock; "
                + "mend the publisher's clock"
        }
    }
}

/// Bucket bounds of `observe`: exact up to 16, then eight buckets an octave, so at most 12.5 % wide.
package enum HistogramBounds {
    /// The largest value that falls into the same bucket as `value`, which is 0 or more.
    package static func upperBound(_ value: Int64) -> Int64 {
        guard value >= 16 else { return max(0, value) }
        let octave = Int64(63 - value.leadingZeroBitCount)
        let width = Int64(1) << (octave - 3)
        return value | (width - 1)
    }
}
