/// One effect as it goes to Redis: the sum of what all its events said. Valid only while it is handed out.
package struct MergedEffect {
    package let kind: EffectKind
    package let name: UnsafeRawBufferPointer
    /// The field, member or element; for series and buckets the eight bytes of an `Int64`, for a field's buckets and the
    /// elements of a day such eight bytes in front of it.
    package let field: UnsafeRawBufferPointer
    package let value: Int64
    /// Events that took part.
    package let events: Int64

    package var nameText: String { String(decoding: name, as: UTF8.self) }

    /// What follows the plugin's prefix in the key of this effect.
    package var key: String {
        let place = Self.key(kind, name: nameText)
        guard let unit = kind.unit else { return place }
        if kind == .uniqueDay { return "\(place):\(UniqueSpan.keyPart(ofDayStarting: number))" }
        return "\(place):\(unit.keyPart(ofBucketStarting: number))"
    }

    /// The hash field, member or element of this effect as text that people read. For a part of one field's histogram
    /// `<part>:<field>`: part is a field of hash `<key>:<field>`, or of `<key>:(other)` where there are too many.
    package var fieldText: String {
        switch kind {
        case .counter, .maximum, .minimum: nameText
        case .minute, .hour, .day: SeriesUnit.text(ofBucketStarting: number)
        case .bucket: String(number)
        case .bucketCount: "count"
        case .bucketSum: "sum"
        case .family, .rank, .unique: String(decoding: field, as: UTF8.self)
        case .uniqueDay: rest
        case .fieldCount: "count:\(String(decoding: field, as: UTF8.self))"
        case .fieldBucket: "\(number):\(rest)"
        case .fieldSum: "sum:\(String(decoding: field, as: UTF8.self))"
        }
    }

    /// The key of an effect without the part that depends on the time.
    package static func key(_ kind: EffectKind, name: String) -> String {
        switch kind {
        case .counter: "counters"
        case .family: "counters:\(name)"
        case .minute: "series:\(name):minute"
        case .hour: "series:\(name):hour"
        case .day: "series:\(name):day"
        case .bucket, .bucketCount, .bucketSum: "histogram:\(name)"
        case .rank: "rank:\(name)"
        case .fieldCount, .fieldBucket, .fieldSum: "histograms:\(name)"
        case .unique, .uniqueDay: "unique:\(name)"
        case .maximum: "maximum"
        case .minimum: "minimum"
        }
    }

    private var number: Int64 { field.loadUnaligned(as: Int64.self) }

    /// What follows the number.
    private var rest: String { String(decoding: field[MemoryLayout<Int64>.size...], as: UTF8.self) }
}
