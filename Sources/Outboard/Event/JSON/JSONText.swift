/// Where one JSON value lies in some bytes, as it stands there: a string with its quotes, an object with its braces.
///
/// Eight bytes, made while scanning and kept instead of the value; what is read from it is made when somebody asks.
///
/// Only whoever walked over the bytes makes one, so its range lies inside them; who keeps both proves that they belong
/// together (`ScannedElement.makeEvent`, `HTTPRequestView`).
@usableFromInline package struct JSONText: Sendable {
    /// Nothing there.
    package static let absent = JSONText(offset: 0, count: 0, escaped: false)

    private let offset32: UInt32
    /// The count in the lower 31 bits, and in the highest whether it is a string with a backslash.
    private let countAndEscaped: UInt32

    @inline(__always)
    init(offset: Int, count: Int, escaped: Bool) {
        offset32 = UInt32(truncatingIfNeeded: offset)
        countAndEscaped = UInt32(truncatingIfNeeded: count) | (escaped ? 0x8000_0000 : 0)
    }

    package var offset: Int { Int(offset32) }
    package var count: Int { Int(countAndEscaped & 0x7FFF_FFFF) }
    var isEscaped: Bool { countAndEscaped & 0x8000_0000 != 0 }
    var range: Range<Int> { offset..<offset + count }
    package var isAbsent: Bool { count == 0 }

    /// The value's bytes; `bytes` are those in which it was found, or as many.
    @inline(__always)
    func raw(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
    }

    /// The first byte, which tells what kind of value it is; 0 if there is none.
    func firstByte(in bytes: UnsafeRawBufferPointer) -> UInt8 { isAbsent ? 0 : bytes[offset] }

    func isString(in bytes: UnsafeRawBufferPointer) -> Bool { firstByte(in: bytes) == UInt8(ascii: "\"") }
    func isObject(in bytes: UnsafeRawBufferPointer) -> Bool { firstByte(in: bytes) == UInt8(ascii: "{") }
    func isNull(in bytes: UnsafeRawBufferPointer) -> Bool { firstByte(in: bytes) == UInt8(ascii: "n") }

    func isAbsentOrNull(in bytes: UnsafeRawBufferPointer) -> Bool { isAbsent || isNull(in: bytes) }

    /// Whether it is this string.
    func isString(_ expected: StaticString, in bytes: UnsafeRawBufferPointer) -> Bool {
        guard isString(in: bytes) else { return false }
        return withUTF8(in: bytes) { text in
            guard text.count == expected.utf8CodeUnitCount, let start = text.baseAddress else { return false }
            return JSONGrammar.equal(start.assumingMemoryBound(to: UInt8.self), expected)
        }
    }

    /// What lies between the quotes of a string, escapes as they stand.
    @inline(__always)
    func content(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[offset + 1..<offset + count - 1])
    }

    /// Hands out the text of a string in UTF-8, escapes taken out; no copy where there are none.
    @inline(__always)
    func withUTF8<Result>(in bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let content = content(in: bytes)
        guard isEscaped else { return body(content) }
        return withUnsafeTemporaryAllocation(byteCount: content.count, alignment: 1) { output in
            body(UnsafeRawBufferPointer(rebasing: output[..<JSONEscape.decode(content, into: output)]))
        }
    }

    /// The text of a string.
    func string(in bytes: UnsafeRawBufferPointer) -> String {
        withUTF8(in: bytes) { String(decoding: $0, as: UTF8.self) }
    }
}
