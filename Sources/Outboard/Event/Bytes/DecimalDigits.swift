/// Writes and reads whole numbers as digits.
enum DecimalDigits {
    /// Bytes of the longest number of 64 bits, with its sign.
    static let most = 20

    /// Writes a number without leading zeros.
    ///
    /// - Parameter output: Has room for `most` bytes.
    /// - Returns: The number of bytes written.
    @inline(__always)
    static func write(_ value: some FixedWidthInteger, to output: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return write(magnitude: UInt64(value.magnitude), to: output) }
        output[0] = UInt8(ascii: "-")
        return 1 + write(magnitude: UInt64(value.magnitude), to: output + 1)
    }

    /// Reads a number without sign or leading zeros that has at most `most` digits, 18 at most; nil if it is none.
    @inline(__always)
    static func read(_ digits: UnsafeRawBufferPointer, most: Int) -> UInt64? {
        guard digits.count >= 1, digits.count <= most, digits.count == 1 || digits[0] != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt64 = 0
        for byte in digits {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value &* 10 &+ UInt64(digit)
        }
        return value
    }

    /// Writes two digits of a number below 100.
    @inline(__always)
    static func writePair(_ value: UInt32, to output: UnsafeMutablePointer<UInt8>) {
        let tens = (value &* 103) >> 10
        output[0] = UInt8(truncatingIfNeeded: tens) &+ 0x30
        output[1] = UInt8(truncatingIfNeeded: value &- tens &* 10) &+ 0x30
    }

    private static func write(magnitude: UInt64, to output: UnsafeMutablePointer<UInt8>) -> Int {
        let count = count(of: magnitude)
        var rest = magnitude
        var index = count
        while rest >= 100 {
            index -= 2
            writePair(UInt32(truncatingIfNeeded: rest % 100), to: output + index)
            rest /= 100
        }
        if rest >= 10 {
            writePair(UInt32(truncatingIfNeeded: rest), to: output)
        } else {
            output[0] = UInt8(truncatingIfNeeded: rest) &+ 0x30
        }
        return count
    }

    private static func count(of value: UInt64) -> Int {
        var count = 1
        var rest = value
        while rest >= 10_000 { (rest, count) = (rest / 10_000, count + 4) }
        return count + (rest >= 1_000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0)
    }
}
