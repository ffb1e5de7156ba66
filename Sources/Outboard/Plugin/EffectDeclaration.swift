/// An effect that a plugin says it has, so that people and programs know what to look for and where.
///
/// ```swift
/// Manifest(
///     name: "request-counter", version: "1.0.0", summary: "Counts requests.",
///     effects: [.counter("requests"), .family("status"), .series("requests", per: .minute)])
/// ```
///
/// It stands in the manifest and changes nothing: an effect that is not declared is applied as well.
public struct EffectDeclaration: Sendable, Hashable, Codable {
    /// What an effect does, as a word in the manifest. A word that is not listed here comes from a newer plugin.
    public struct Kind: Sendable, Hashable, Codable, RawRepresentable {
        /// The word, for example `counter`.
        public let rawValue: String

        /// Any word.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A number: field `name` of hash `counters`.
        public static let counter = Kind(rawValue: "counter")
        /// A number a field: a hash.
        public static let family = Kind(rawValue: "family")
        /// A number a time bucket: a hash a day (a month where the buckets are days).
        public static let series = Kind(rawValue: "series")
        /// How often which values came: a hash of upper bounds, `count` and `sum`.
        public static let histogram = Kind(rawValue: "histogram")
        /// A histogram a field: a hash each, `<key>:<field>`, and a hash of their fields.
        public static let histograms = Kind(rawValue: "histograms")
        /// Members by score: a sorted set.
        public static let rank = Kind(rawValue: "rank")
        /// How many different elements came: a HyperLogLog.
        public static let unique = Kind(rawValue: "unique")
        /// The largest value: field `name` of hash `maximum`.
        public static let maximum = Kind(rawValue: "maximum")
        /// The smallest value: field `name` of hash `minimum`.
        public static let minimum = Kind(rawValue: "minimum")
    }

    /// What the effect does.
    public let kind: Kind
    /// The name that the handler gives it.
    public let name: String
    /// What follows `outboard:{<plugin>}:` in Redis; where there is a `unit`, `:<yyyy-mm-dd>` follows this (the month where
    /// a series has a bucket a day).
    public let key: String
    /// The time that one bucket spans; nil where the effect knows no time.
    public let unit: SeriesUnit?

    private init(_ kind: Kind, _ effect: EffectKind, _ name: String, per unit: SeriesUnit? = nil) {
        self.kind = kind
        self.name = name
        self.key = MergedEffect.key(effect, name: name)
        self.unit = unit
    }

    /// `effects.increment("requests")`
    public static func counter(_ name: String) -> Self { Self(.counter, .counter, name) }
    /// `effects.increment("status", field: "200")`
    public static func family(_ name: String) -> Self { Self(.family, .family, name) }
    /// `effects.increment("requests", per: .minute)`
    public static func series(_ name: String, per unit: SeriesUnit) -> Self {
        Self(.series, EffectKind(unit), name, per: unit)
    }
    /// `effects.observe("duration_us", 250)`
    public static func histogram(_ name: String) -> Self { Self(.histogram, .bucket, name) }
    /// `effects.observe("duration_us", field: "/hello", 250)`
    public static func histograms(_ name: String) -> Self { Self(.histograms, .fieldCount, name) }
    /// `effects.rank("paths", member: "/hello")`
    public static func rank(_ name: String) -> Self { Self(.rank, .rank, name) }
    /// `effects.unique("clients", element: "10.0.0.1")`
    public static func unique(_ name: String) -> Self { Self(.unique, .unique, name) }
    /// `effects.unique("clients", per: .day, element: "10.0.0.1")`
    public static func unique(_ name: String, per span: UniqueSpan) -> Self {
        Self(.unique, .uniqueDay, name, per: span.unit)
    }
    /// `effects.maximum("duration_us", 250)`
    public static func maximum(_ name: String) -> Self { Self(.maximum, .maximum, name) }
    /// `effects.minimum("duration_us", 250)`
    public static func minimum(_ name: String) -> Self { Self(.minimum, .minimum, name) }
}
