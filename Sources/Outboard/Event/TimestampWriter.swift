/// Writes times one after the other: most are of the same second as the one before, of which all but the fraction is
/// copied.
struct TimestampWriter {
    /// The second of `text`, since 1970, rounded down; nil while there is none.
    private var second: Int64?
    /// `2026-11-20T23:15:42.000117Z` and five bytes more.
    private var text: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// Writes as `Timestamp.write(to:)` does.
    ///
    /// - Parameter output: Has room for `Timestamp.textCount` bytes.
    @inline(__always)
    mutating func write(_ time: Timestamp, to output: UnsafeMutablePointer<UInt8>) {
        let (quotient, remainder) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        // Before 1970 the remainder is negative; such times are rare.
        guard remainder >= 0, quotient == second else { return remember(time, remainder >= 0 ? quotient : nil, output) }
        withUnsafeBytes(of: text) { text in
            UnsafeMutableRawBufferPointer(start: output, count: 20).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: text[..<20]))
        }
        let fraction = UInt32(truncatingIfNeeded: remainder)
        DecimalDigits.writePair(fraction / 10_000, to: output + 20)
        DecimalDigits.writePair(fraction / 100 % 100, to: output + 22)
        DecimalDigits.writePair(fraction % 100, to: output + 24)
        output[26] = UInt8(ascii: "Z")
    }

    @inline(never)
    private mutating func remember(_ time: Timestamp, _ second: Int64?, _ output: UnsafeMutablePointer<UInt8>) {
        time.write(to: output)
        self.second = second
        withUnsafeMutableBytes(of: &text) {
            $0.copyMemory(from: UnsafeRawBufferPointer(start: output, count: Timestamp.textCount))
        }
    }
}
