/// Looking for special bytes in JSON text, eight at a time.
enum JSONBytes {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// High bit set in (at least) each byte that is a quote, a backslash or a control character; the lowest set bit is
    /// exact, higher ones may be false alarms of the borrow.
    @inline(__always)
    static func special(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* 0x22)
        let slashes = word ^ (ones &* 0x5C)
        let control = (word &- ones &* 0x20) & ~word
        return (((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | control) & highs
    }

    @inline(__always)
    static func isSpecial(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Index of the first byte at or behind `start` that has to be escaped, or the count.
    static func plainPrefix(of bytes: UnsafeRawBufferPointer, from start: Int) -> Int {
        var at = start
        while at + 8 <= bytes.count {
            let found = special(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
            if found != 0 { return at + found.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < bytes.count, !isSpecial(bytes[at]) { at += 1 }
        return at
    }

    /// Whether any of the eight bytes is not ASCII.
    @inline(__always)
    static func hasNonASCII(_ word: UInt64) -> Bool { word & highs != 0 }
}
