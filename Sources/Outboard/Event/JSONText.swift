/// The text that a JSON string stands for.
enum JSONText {
    static func hexValue(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Undoes the escapes of a checked string. A surrogate without its partner, which JSON allows and Unicode does not,
    /// becomes U+FFFD, as Swift's own decoding does.
    static func unescape(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var at = 0
        while at < text.count {
            guard text[at] == UInt8(ascii: "\\"), at + 1 < text.count else {
                result.append(text[at])
                at += 1
                continue
            }
            switch text[at + 1] {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                at += unescapeUnicode(text, at, &result)
                continue
            default: result.append(text[at + 1])
            }
            at += 2
        }
        return result
    }

    /// Appends the character of `\uXXXX` at a place, with its partner if it is half of a pair; returns the bytes taken.
    private static func unescapeUnicode(_ text: UnsafeRawBufferPointer, _ at: Int, _ result: inout [UInt8]) -> Int {
        guard let unit = codeUnit(text, at) else {
            result.append(text[at])
            return 1
        }
        if UTF16.isLeadSurrogate(unit), let trail = codeUnit(text, at + 6), UTF16.isTrailSurrogate(trail) {
            let value = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(trail & 0x3FF))
            append(Unicode.Scalar(value), &result)
            return 12
        }
        append(Unicode.Scalar(UInt32(unit)), &result)
        return 6
    }

    private static func append(_ scalar: Unicode.Scalar?, _ result: inout [UInt8]) {
        result.append(contentsOf: String(scalar ?? "\u{FFFD}").utf8)
    }

    private static func codeUnit(_ text: UnsafeRawBufferPointer, _ at: Int) -> UInt16? {
        guard at + 6 <= text.count, text[at] == UInt8(ascii: "\\"), text[at + 1] == UInt8(ascii: "u") else { return nil }
        var value: UInt16 = 0
        for place in at + 2..<at + 6 {
            guard let digit = hexValue(text[place]) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    static func string(_ text: UnsafeRawBufferPointer, hasEscapes: Bool) -> String {
        hasEscapes ? String(decoding: unescape(text), as: UTF8.self) : String(decoding: text, as: UTF8.self)
    }
}
