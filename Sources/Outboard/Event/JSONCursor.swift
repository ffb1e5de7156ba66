/// Walks over JSON text and checks it strictly (RFC 8259); never reads outside, never recurses.
///
/// All methods leave `at` behind what they took, or return false (nil) at what is not JSON; the text is then rejected
/// as a whole, so `at` does not matter any more.
struct JSONCursor {
    /// Deepest nesting that is taken; deeper text is rejected.
    static let depthLimit = 128

    /// A string as it lies in the text, without its quotes.
    struct Text {
        let start: Int
        let end: Int
        let hasEscapes: Bool
    }

    let bytes: UnsafeRawBufferPointer
    var at: Int

    init(_ bytes: UnsafeRawBufferPointer, at: Int = 0) {
        self.bytes = bytes
        self.at = at
    }

    var isAtEnd: Bool { at >= bytes.count }

    /// The byte here, or 0 (which is no JSON token) at the end.
    @inline(__always)
    var byte: UInt8 { at < bytes.count ? bytes[at] : 0 }

    @inline(__always)
    mutating func skipWhitespace() {
        while at < bytes.count {
            let byte = bytes[at]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            at += 1
        }
    }

    /// Takes one certain byte.
    @inline(__always)
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard byte == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    /// Takes a string; checks escapes, control characters and UTF-8.
    mutating func takeString() -> Text? {
        guard take("\"") else { return nil }
        let start = at
        var hasEscapes = false
        var isASCII = true
        while true {
            while at + 8 <= bytes.count {
                let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
                let special = JSONBytes.special(word)
                if special != 0 {
                    let plain = special.trailingZeroBitCount / 8
                    if JSONBytes.hasNonASCII(word & ((1 << (UInt64(plain) * 8)) &- 1)) { isASCII = false }
                    at += plain
                    break
                }
                if JSONBytes.hasNonASCII(word) { isASCII = false }
                at += 8
            }
            while at < bytes.count, !JSONBytes.isSpecial(bytes[at]) {
                if bytes[at] >= 0x80 { isASCII = false }
                at += 1
            }
            if take("\"") { break }
            guard byte == UInt8(ascii: "\\"), takeEscape() else { return nil }
            hasEscapes = true
        }
        let end = at - 1
        if !isASCII, !UTF8Check.isValid(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) { return nil }
        return Text(start: start, end: end, hasEscapes: hasEscapes)
    }

    private mutating func takeEscape() -> Bool {
        at += 1
        let kind = byte
        at += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return true
        case UInt8(ascii: "u"):
            guard at + 4 <= bytes.count, bytes[at..<at + 4].allSatisfy({ JSONText.hexValue($0) != nil }) else {
                return false
            }
            at += 4
            return true
        default: return false
        }
    }

    /// Takes a whole value of any kind.
    mutating func skipValue() -> Bool {
        // One bit a level: 1 in an object, 0 in an array.
        var levels: UInt128 = 0
        var depth = 0
        while true {
            skipWhitespace()
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard depth < Self.depthLimit else { return false }
                let isObject = byte == UInt8(ascii: "{")
                at += 1
                skipWhitespace()
                if isObject ? take("}") : take("]") { break }
                levels = levels << 1 | (isObject ? 1 : 0)
                depth += 1
                if isObject { guard takeName() else { return false } }
                continue
            case UInt8(ascii: "\""): guard takeString() != nil else { return false }
            case UInt8(ascii: "t"): guard takeWord("true") else { return false }
            case UInt8(ascii: "f"): guard takeWord("false") else { return false }
            case UInt8(ascii: "n"): guard takeWord("null") else { return false }
            default: guard skipNumber() else { return false }
            }
            // A value is complete: close what ends here, or go on behind a comma.
            closing: while true {
                guard depth > 0 else { return true }
                skipWhitespace()
                let isObject = levels & 1 == 1
                if take(",") {
                    if isObject {
                        skipWhitespace()
                        guard takeName() else { return false }
                    }
                    break closing
                }
                guard isObject ? take("}") : take("]") else { return false }
                levels >>= 1
                depth -= 1
            }
        }
    }

    private mutating func takeName() -> Bool {
        guard takeString() != nil else { return false }
        skipWhitespace()
        return take(":")
    }

    mutating func takeWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard at + count <= bytes.count else { return false }
        let text = UnsafeRawBufferPointer(start: word.utf8Start, count: count)
        guard Bytes.equal(text, UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])) else { return false }
        at += count
        return true
    }

    /// Takes a number of any valid form.
    mutating func skipNumber() -> Bool {
        _ = take("-")
        if take("0") {
            guard !byte.isDigit else { return false }
        } else {
            guard takeDigits() else { return false }
        }
        if take(".") { guard takeDigits() else { return false } }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            guard takeDigits() else { return false }
        }
        return true
    }

    private mutating func takeDigits() -> Bool {
        let start = at
        while byte.isDigit { at += 1 }
        return at > start
    }

    /// Takes a number that is an integer of 64 bits; nil for any other value.
    mutating func takeInteger() -> Int64? {
        let start = at
        guard skipNumber() else { return nil }
        let text = bytes[start..<at]
        var value: Int64 = 0
        let isNegative = text.first == UInt8(ascii: "-")
        for byte in isNegative ? text.dropFirst() : text {
            guard byte.isDigit else { return nil }
            let digit = Int64(byte - UInt8(ascii: "0"))
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, overflow2) = tens.addingReportingOverflow(isNegative ? -digit : digit)
            if overflow || overflow2 { return nil }
            value = next
        }
        return value
    }
}

/// Checks UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates, nothing above U+10FFFF.
enum UTF8Check {
    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var at = 0
        func continues(_ place: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            place < bytes.count && range.contains(bytes[place])
        }
        while at < bytes.count {
            switch bytes[at] {
            case 0x00...0x7F: at += 1
            case 0xC2...0xDF:
                guard continues(at + 1) else { return false }
                at += 2
            case 0xE0...0xEF:
                let second: ClosedRange<UInt8> =
                    bytes[at] == 0xE0 ? 0xA0...0xBF : bytes[at] == 0xED ? 0x80...0x9F : 0x80...0xBF
                guard continues(at + 1, second), continues(at + 2) else { return false }
                at += 3
            case 0xF0...0xF4:
                let second: ClosedRange<UInt8> =
                    bytes[at] == 0xF0 ? 0x90...0xBF : bytes[at] == 0xF4 ? 0x80...0x8F : 0x80...0xBF
                guard continues(at + 1, second), continues(at + 2), continues(at + 3) else { return false }
                at += 4
            default: return false
            }
        }
        return true
    }
}
