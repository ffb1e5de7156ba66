/// What events change, merged: a hundred events that increment one counter are one entry.
///
/// A handler only adds. Between events the runtime marks a point (`begin`); when the handler throws, what it added
/// since then is undone, so an event's effects are in as a whole or not at all.
///
/// Names are `[a-z][a-z0-9_]{0,47}`; a wrong one fails the event. Fields, members and elements are any text; what is
/// longer than 256 bytes of UTF-8 is cut.
public struct Effects: Sendable {
    var table = EffectTable()
    private var rejectedNow: [String] = []
    /// Key → events whose effect on it overflowed 64 bits here already.
    package private(set) var rejected: [String: Int64] = [:]
    /// The event in progress: its time, in microseconds since 1970, and whether series may take it.
    private var time: Int64 = 0
    private var timeIsUsable = true
    private var failure: EffectError?

    /// Starts with nothing.
    public init() {}

    // MARK: What a handler says

    /// Adds to a counter: hash `outboard:{<plugin>}:counters`, field `name`.
    public mutating func increment(_ name: String, by amount: Int = 1) {
        add(.counter, name, Self.nothing, Int64(amount))
    }

    /// Adds to one field of a family of counters: hash `outboard:{<plugin>}:counters:<name>`.
    ///
    /// A family holds at most 10 000 fields (`OUTBOARD_MAX_FIELDS`); what comes later is counted as `(other)`.
    public mutating func increment(_ name: String, field: String, by amount: Int = 1) {
        add(.family, name, field, Int64(amount))
    }

    /// Adds to one field of a family whose fields are numbers, such as a status: makes no text of it.
    public mutating func increment(_ name: String, field: Int, by amount: Int = 1) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: DecimalDigits.most) { digits in
            // Room for `most` bytes is never nowhere.
            guard let start = digits.baseAddress else { return }
            let count = DecimalDigits.write(field, to: start)
            add(.family, name, UnsafeRawBufferPointer(start: start, count: count), Int64(amount))
        }
    }

    /// Adds to the bucket of the event's time, UTC: hash `outboard:{<plugin>}:series:<name>:<unit>:<day>`.
    ///
    /// Kept 14 days per minute, 90 days per hour, 800 days per day.
    public mutating func increment(_ name: String, per unit: SeriesUnit, by amount: Int = 1) {
        guard timeIsUsable else { return fail(.timeOutOfRange(name: name)) }
        let start = unit.start(ofBucketAt: time)
        withUnsafeBytes(of: start) { add(EffectKind(unit), name, $0, Int64(amount)) }
    }

    /// Adds a value of 0 and more to a histogram: hash `outboard:{<plugin>}:histogram:<name>`, whose fields are the
    /// upper bounds of its buckets (at most 12.5 % wide), `count` and `sum`.
    public mutating func observe(_ name: String, _ value: Int) {
        guard value >= 0 else { return fail(.negativeObservation(name: name, value: value)) }
        withUnsafeBytes(of: HistogramBounds.upperBound(Int64(value))) { add(.bucket, name, $0, 1) }
        add(.bucketCount, name, Self.nothing, 1)
        add(.bucketSum, name, Self.nothing, Int64(value))
    }

    /// Adds a value of 0 and more to the histogram of one field: hash `outboard:{<plugin>}:histograms:<name>:<field>`, with
    /// the fields of a histogram.
    ///
    /// Hash `outboard:{<plugin>}:histograms:<name>` lists the fields, each with its number of values. At most 10 000 fields
    /// have a histogram of their own (`OUTBOARD_MAX_FIELDS`); what comes later shares that of `(other)`.
    public mutating func observe(_ name: String, field: String, _ value: Int) {
        guard value >= 0 else { return fail(.negativeObservation(name: name, value: value)) }
        add(.fieldCount, name, field, 1)
        add(.fieldBucket, name, HistogramBounds.upperBound(Int64(value)), field, 1)
        add(.fieldSum, name, field, Int64(value))
    }

    /// Adds to a member's score in a sorted set: `outboard:{<plugin>}:rank:<name>`, trimmed to its best members.
    public mutating func rank(_ name: String, member: String, by amount: Int = 1) {
        add(.rank, name, member, Int64(amount))
    }

    /// Adds an element to a HyperLogLog: `outboard:{<plugin>}:unique:<name>` (`PFCOUNT`, error about 0.81 %).
    public mutating func unique(_ name: String, element: String) {
        add(.unique, name, element, 1)
    }

    /// Adds an element to the HyperLogLog of the event's day, UTC: `outboard:{<plugin>}:unique:<name>:<yyyy-mm-dd>`.
    ///
    /// Kept 800 days. `PFCOUNT` of several days' keys counts who came on any of them.
    public mutating func unique(_ name: String, per span: UniqueSpan, element: String) {
        guard timeIsUsable else { return fail(.timeOutOfRange(name: name)) }
        add(.uniqueDay, name, span.unit.start(ofBucketAt: time), element, 1)
    }

    /// Raises hash `outboard:{<plugin>}:maximum`, field `name`, to `value` if it is lower or absent.
    public mutating func maximum(_ name: String, _ value: Int) {
        add(.maximum, name, Self.nothing, Int64(value))
    }

    /// Lowers hash `outboard:{<plugin>}:minimum`, field `name`, to `value` if it is higher or absent.
    public mutating func minimum(_ name: String, _ value: Int) {
        add(.minimum, name, Self.nothing, Int64(value))
    }

    // MARK: What a test asks

    /// What was added to a counter, or to one field of a family; 0 if nothing was.
    public func total(_ name: String, field: String? = nil) -> Int {
        Int(table.value(field == nil ? .counter : .family, name, field ?? "") ?? 0)
    }

    /// Whether no event has changed anything.
    public var isEmpty: Bool { table.count == 0 && rejected.isEmpty }

    // MARK: What the runtime does

    /// Number of merged entries, which is what Redis will see.
    package var count: Int { table.count }

    /// Marks the point to which a failing event is undone.
    ///
    /// - Parameters:
    ///   - time: The event's time in microseconds since 1970.
    ///   - now: Redis's clock in the same unit.
    package mutating func begin(time: Int64, now: Int64) {
        table.begin()
        self.time = time
        let day: Int64 = 86_400_000_000
        let (distance, overflow) = time.subtractingReportingOverflow(now)
        timeIsUsable = !overflow && distance > -day && distance < day
    }

    /// Keeps what the event added.
    ///
    /// - Throws: `EffectError` if one of its effects cannot be taken; call `rollback()` then.
    package mutating func commit() throws {
        if let failure { throw failure }
        guard !rejectedNow.isEmpty else { return }
        for key in rejectedNow { rejected[key, default: 0] += 1 }
        rejectedNow.removeAll()
    }

    /// Undoes what the event added.
    package mutating func rollback() {
        failure = nil
        rejectedNow.removeAll()
        table.revert()
    }

    /// Forgets everything and keeps the memory.
    package mutating func removeAll() {
        table.removeAll()
        rejected.removeAll()
    }

    /// Hands out every merged effect, in the order in which they first came.
    package func forEach(_ body: (MergedEffect) throws -> Void) rethrows {
        try table.forEach(body)
    }

    private mutating func fail(_ error: EffectError) {
        failure = failure ?? error
    }

    /// The field of what has none.
    private static var nothing: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }

    private mutating func add(_ kind: EffectKind, _ name: String, _ field: String, _ value: Int64) {
        Bytes.of(field) { add(kind, name, UTF8Cut.prefix(of: $0), value) }
    }

    /// Adds under a number and a text, which lie one behind the other in the field.
    private mutating func add(_ kind: EffectKind, _ name: String, _ number: Int64, _ text: String, _ value: Int64) {
        Bytes.of(text) { bytes in
            let text = UTF8Cut.prefix(of: bytes)
            let size = MemoryLayout<Int64>.size
            withUnsafeTemporaryAllocation(byteCount: size + UTF8Cut.limit, alignment: size) { field in
                field.storeBytes(of: number, as: Int64.self)
                UnsafeMutableRawBufferPointer(rebasing: field[size...]).copyMemory(from: text)
                add(kind, name, UnsafeRawBufferPointer(rebasing: field[..<(size + text.count)]), value)
            }
        }
    }

    private mutating func add(_ kind: EffectKind, _ name: String, _ field: UnsafeRawBufferPointer, _ value: Int64) {
        let outcome = Bytes.of(name) { table.merge(kind, $0, field, value) }
        switch outcome {
        case .merged: break
        case .overflow: rejectedNow.append(MergedEffect.key(kind, name: name))
        case .invalidName: fail(.invalidName(name))
        }
    }
}

/// Cuts text at 256 bytes, never inside a character.
enum UTF8Cut {
    static let limit = 256

    static func prefix(of bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard bytes.count > limit else { return bytes }
        var end = limit
        // A byte 10xxxxxx continues a character, so the cut may not stand before it.
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[..<end])
    }
}
