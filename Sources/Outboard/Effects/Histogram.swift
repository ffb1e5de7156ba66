/// A histogram as it was read: how often values of which size came.
///
/// Its buckets are exact up to 16 and at most 12.5 % wide beyond, so that is how exact a quantile is.
public struct Histogram: Sendable, Hashable {
    /// Number of values.
    public let count: Int
    /// Their sum.
    public let sum: Int
    /// Upper bound → number of values, by bound.
    public let buckets: [Bucket]

    /// How many values lie above the bucket before and not above this one's bound.
    public struct Bucket: Sendable, Hashable {
        /// The largest value that the bucket takes.
        public let upperBound: Int
        /// Its number of values.
        public let count: Int
    }

    /// Reads the fields of a hash: upper bounds, `count` and `sum`; what is no number is left out.
    public init(fields: [String: Int]) {
        count = fields["count"] ?? 0
        sum = fields["sum"] ?? 0
        buckets = fields.compactMap { field, count in
            Int(field).map { Bucket(upperBound: $0, count: count) }
        }.sorted { $0.upperBound < $1.upperBound }
    }

    /// The value that a share of all values does not exceed, as the upper bound of its bucket; nil if there is none.
    ///
    /// - Parameter share: 0 to 1; 0.95 is the 95th percentile (nearest rank).
    public func quantile(_ share: Double) -> Int? {
        // In floating point: a hash in which somebody wrote huge numbers must not end the program that reads it.
        let total = buckets.reduce(0) { $0 + Double($1.count) }
        let rank = min(max(share * total, 1), total).rounded(.up)
        var passed = 0.0
        for bucket in buckets {
            passed += Double(bucket.count)
            if passed >= rank { return bucket.upperBound }
        }
        return nil
    }
}
