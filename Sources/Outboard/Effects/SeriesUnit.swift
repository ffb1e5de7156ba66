/// The width of a bucket of a time series.
public enum SeriesUnit: String, Sendable, CaseIterable, Codable {
    /// Kept 14 days.
    case minute
    /// Kept 90 days.
    case hour
    /// Kept 800 days.
    case day

    /// Seconds in one bucket.
    package var seconds: Int64 {
        switch self {
        case .minute: 60
        case .hour: 3_600
        case .day: 86_400
        }
    }

    /// Seconds after which a key of this unit expires, counted from its last write.
    package var lifetimeSeconds: Int64 {
        switch self {
        case .minute: 14 * 86_400
        case .hour: 90 * 86_400
        case .day: 800 * 86_400
        }
    }

    /// Start of the bucket that holds a time in microseconds, in seconds since 1970.
    func start(ofBucketAt microseconds: Int64) -> Int64 {
        let width = seconds * 1_000_000
        let bucket = microseconds >= 0 ? microseconds / width : (microseconds - width + 1) / width
        return bucket * seconds
    }

    /// What a bucket's key ends with: the day, or the month where the buckets are days.
    package func keyPart(ofBucketStarting seconds: Int64) -> String {
        let text = Timestamp(microseconds: seconds * 1_000_000).description
        return String(text.prefix(self == .day ? 7 : 10))
    }

    /// The field of a bucket: `2026-11-20T23:15:00Z`.
    package static func text(ofBucketStarting seconds: Int64) -> String {
        Timestamp(microseconds: seconds * 1_000_000).description.prefix(19) + "Z"
    }
}

/// The time whose different elements are counted together by `unique(_:per:element:)`.
public struct UniqueSpan: Sendable, Hashable {
    /// A day of UTC; kept 800 days.
    public static let day = UniqueSpan()

    /// A span is a day so far: a HyperLogLog takes up to 12 KiB, so shorter ones would be many large keys.
    package var unit: SeriesUnit { .day }

    /// What a day's key ends with: `2026-11-20`.
    package static func keyPart(ofDayStarting seconds: Int64) -> String {
        String(Timestamp(microseconds: seconds * 1_000_000).description.prefix(10))
    }
}
