/// Writes JSON into one growing buffer; an object's members get their commas by themselves.
public struct JSONWriter: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    package private(set) var count = 0

    package init(capacity: Int = 1_024) {
        self.capacity = max(64, capacity)
        self.base = .allocate(capacity: self.capacity)
    }

    deinit {
        base.deallocate()
    }

    // MARK: What a payload uses

    /// Opens an object.
    public mutating func beginObject() {
        write(UInt8(ascii: "{"))
    }

    /// Closes the object that was opened last.
    public mutating func endObject() {
        write(UInt8(ascii: "}"))
    }

    /// Writes a member's name; its value comes next. Names are plain: no quotes, backslashes or control characters.
    public mutating func name(_ name: StaticString) {
        reserve(name.utf8CodeUnitCount + 4)
        if count > 0, base[count - 1] != UInt8(ascii: "{") { put(UInt8(ascii: ",")) }
        put(UInt8(ascii: "\""))
        (base + count).update(from: name.utf8Start, count: name.utf8CodeUnitCount)
        count += name.utf8CodeUnitCount
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
    }

    /// Writes a member with a text; nil is written as `null`.
    public mutating func member(_ name: StaticString, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }

    /// Writes a member with a number.
    public mutating func member(_ name: StaticString, _ value: Int) {
        self.name(name)
        integer(value)
    }

    /// Writes an object of texts, names in order.
    public mutating func object(_ members: [String: String]) {
        beginObject()
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { write(UInt8(ascii: ",")) }
            string(member.key)
            write(UInt8(ascii: ":"))
            string(member.value)
        }
        endObject()
    }

    /// Writes a text, escaped as RFC 8259 demands.
    public mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { string(UnsafeRawBufferPointer($0)) }
    }

    /// Writes a number.
    public mutating func integer(_ value: Int) {
        reserve(20)
        guard value >= 0 else {
            put(UInt8(ascii: "-"))
            return digits(UInt64(value.magnitude))
        }
        digits(UInt64(value))
    }

    /// Writes `null`.
    public mutating func null() {
        writeRaw("null")
    }

    // MARK: What the runtime uses

    /// The bytes so far, valid for the time of the call.
    package borrowing func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    package mutating func removeAll() {
        count = 0
    }

    package mutating func writeRaw(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    package mutating func writeRaw(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { writeRaw($0) }
    }

    package mutating func writeRaw(_ text: StaticString) {
        writeRaw(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func unsigned(_ value: UInt64) {
        reserve(20)
        digits(value)
    }

    /// Lends `count` fresh bytes to be filled.
    mutating func writeRaw(count size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        reserve(size)
        fill(UnsafeMutableRawBufferPointer(start: base + count, count: size))
        count += size
    }

    private mutating func string(_ text: UnsafeRawBufferPointer) {
        // The worst case is six bytes for each (\u0000).
        reserve(text.count + 2)
        put(UInt8(ascii: "\""))
        var start = 0
        var at = JSONBytes.plainPrefix(of: text, from: 0)
        while at < text.count {
            writeRaw(UnsafeRawBufferPointer(rebasing: text[start..<at]))
            escape(text[at])
            start = at + 1
            at = JSONBytes.plainPrefix(of: text, from: start)
        }
        writeRaw(UnsafeRawBufferPointer(rebasing: text[start..<text.count]))
        write(UInt8(ascii: "\""))
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): writeRaw("\\\"")
        case UInt8(ascii: "\\"): writeRaw("\\\\")
        case 0x0A: writeRaw("\\n")
        case 0x0D: writeRaw("\\r")
        case 0x09: writeRaw("\\t")
        default:
            let hex: StaticString = "0123456789abcdef"
            writeRaw("\\u00")
            write(hex.utf8Start[Int(byte >> 4)])
            write(hex.utf8Start[Int(byte & 15)])
        }
    }

    private mutating func write(_ byte: UInt8) {
        reserve(1)
        put(byte)
    }

    /// Writes a byte for which there is room.
    private mutating func put(_ byte: UInt8) {
        base[count] = byte
        count += 1
    }

    /// Writes up to twenty digits for which there is room.
    private mutating func digits(_ value: UInt64) {
        var width = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            width += 1
        }
        rest = value
        for place in stride(from: count + width - 1, through: count, by: -1) {
            base[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += width
    }

    private mutating func reserve(_ size: Int) {
        guard count + size > capacity else { return }
        let larger = max(capacity * 2, count + size)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }
}
