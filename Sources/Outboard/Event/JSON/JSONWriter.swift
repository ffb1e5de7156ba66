/// Writes JSON into one growing buffer, without making anything in between.
///
/// ```swift
/// func write(to json: inout JSONWriter) throws {
///     json.beginObject()
///     json.member("order", id)
///     try json.member("total", total)
///     json.name("customer")
///     json.object(["country": country])
///     json.endObject()
/// }
/// ```
///
/// Commas come by themselves and text is escaped as JSON needs it. A name that is written twice is there twice, and
/// readers take the last.
public struct JSONWriter: ~Copyable {
    private let limit: Int
    private var start: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    /// Bytes written.
    package private(set) var count = 0
    /// How long the text would have become when it first went beyond the limit; what did not fit is left out.
    package private(set) var overflow: Int?

    /// - Parameter limit: Bytes beyond which the buffer does not grow.
    package init(limit: Int = .max) {
        self.limit = limit
        capacity = 1_024
        start = .allocate(capacity: capacity)
    }

    deinit {
        start.deallocate()
    }

    // MARK: Objects

    /// Opens an object.
    public mutating func beginObject() {
        append("{")
    }

    /// Closes the object that was opened last.
    public mutating func endObject() {
        append("}")
    }

    /// Writes a member's name; its value comes next.
    public mutating func name(_ name: String) {
        // A member behind another one; behind the opening brace there is nothing to separate.
        if count > 0, start[count - 1] != UInt8(ascii: "{") { append(",") }
        string(name)
        append(":")
    }

    /// Writes a member that is text; nil is written as `null`.
    public mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    /// Writes a member that is a whole number.
    public mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        integer(value)
    }

    /// Writes a member that is true or false.
    public mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        append(value ? "true" : "false")
    }

    /// Writes a member that is a number.
    ///
    /// - Throws: `EventError` coded `.notEncodable` if it is infinite or not a number: JSON has no form for that.
    public mutating func member(_ name: String, _ value: Double) throws(EventError) {
        guard value.isFinite else {
            throw EventError(
                .notEncodable, "member '\(name)' is infinite or not a number, which JSON cannot say; leave it out")
        }
        self.name(name)
        var text = value.description
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Writes an object of texts, names in order.
    public mutating func object(_ members: [String: String]) {
        beginObject()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) { member(name, value) }
        endObject()
    }

    // MARK: Values

    /// Writes text.
    @inline(__always)
    public mutating func string(_ text: String) {
        if text.utf8.withContiguousStorageIfAvailable({ string($0) }) == nil {
            var native = text
            native.withUTF8 { string($0) }
        }
    }

    /// Writes a whole number.
    @inline(__always)
    public mutating func integer(_ value: Int) {
        append(most: DecimalDigits.most) { DecimalDigits.write(value, to: $0) }
    }

    /// Writes a whole number without a sign.
    mutating func integer(unsigned value: UInt64) {
        append(most: DecimalDigits.most) { DecimalDigits.write(value, to: $0) }
    }

    /// Writes `null`.
    public mutating func null() {
        append("null")
    }

    // MARK: Parts

    /// The bytes written so far, valid during the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Starts anew and keeps the memory.
    package mutating func removeAll() {
        count = 0
        overflow = nil
    }

    /// Writes text as it stands.
    @inline(__always)
    mutating func append(_ text: StaticString) {
        guard hasRoom(text.utf8CodeUnitCount) else { return }
        (start + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    /// Writes bytes as they stand.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, hasRoom(bytes.count) else { return }
        UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    /// Lets `body` write up to `most` bytes in place; it returns how many it wrote.
    @inline(__always)
    mutating func append(most: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
        guard hasRoom(most) else { return }
        count += body(start + count)
    }

    /// Writes UTF-8 in quotes, escaped.
    mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        // Two quotes, and eight bytes because text is copied by words.
        guard hasRoom(text.count + 10) else { return }
        start[count] = UInt8(ascii: "\"")
        count += 1
        if let first = text.baseAddress { escape(first, first + text.count) }
        append("\"")
    }

    // MARK: Private

    /// Copies text and escapes what must be; there is room for the text as it stands and eight bytes more.
    @inline(__always)
    private mutating func escape(_ first: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) {
        var source = first
        while end - source >= 8 {
            let word = ByteWord.load(source)
            // Eight bytes are stored even where fewer count: the room was asked for, and the next store covers them.
            UnsafeMutableRawPointer(start + count).storeBytes(of: word.littleEndian, as: UInt64.self)
            let flags = ByteWord.flagsOfEscaped(word)
            if flags == 0 {
                (source, count) = (source + 8, count + 8)
                continue
            }
            let plain = ByteWord.firstIndex(flags)
            (source, count) = (source + plain + 1, count + plain)
            guard escape(source[-1], before: end - source) else { return }
        }
        guard !copyTail(source, end - source) else { return }
        while source < end {
            if JSONEscape.isNeeded(source.pointee) {
                guard escape(source.pointee, before: end - source) else { return }
            } else {
                start[count] = source.pointee
                count += 1
            }
            source += 1
        }
    }

    /// Copies fewer than eight bytes as one word if none of them needs an escape.
    ///
    /// - Returns: Whether it did; if not, nothing has changed.
    @inline(__always)
    private mutating func copyTail(_ source: UnsafePointer<UInt8>, _ rest: Int) -> Bool {
        guard rest > 0 else { return true }
        let word = ByteWord.load(source, rest)
        guard ByteWord.flagsOfEscaped(word) & (1 << (UInt64(rest) * 8) - 1) == 0 else { return false }
        UnsafeMutableRawPointer(start + count).storeBytes(of: word.littleEndian, as: UInt64.self)
        count += rest
        return true
    }

    /// Writes the escape of one byte and sees to it that there is still room for the rest.
    @inline(never)
    private mutating func escape(_ byte: UInt8, before rest: Int) -> Bool {
        guard hasRoom(JSONEscape.most + rest + 10) else { return false }
        count += JSONEscape.write(byte, to: start + count)
        return true
    }

    @inline(__always)
    private mutating func hasRoom(_ extra: Int) -> Bool {
        extra <= capacity - count || grow(extra)
    }

    @inline(never)
    private mutating func grow(_ extra: Int) -> Bool {
        guard count + extra <= limit else {
            overflow = overflow ?? count + extra
            return false
        }
        let larger = max(capacity * 2, count + extra)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: start, count: count)
        start.deallocate()
        (start, capacity) = (moved, larger)
        return true
    }
}
