/// Makes Swift numbers of JSON numbers.
enum JSONNumber {
    /// The integer that a JSON number is, however it is written: `200`, `2e2` and `200.0` are the same.
    ///
    /// - Returns: nil if it is no number, not whole, or outside of `Int`; beyond 2^53 only digits are taken, because the
    ///   other forms go through `Double`.
    static func integer(_ raw: UnsafeRawBufferPointer) -> Int? {
        var index = 0
        let isNegative = raw.first == UInt8(ascii: "-")
        if isNegative { index = 1 }
        guard index < raw.count, raw.count <= 20 else { return wholeNumber(raw) }
        var magnitude: UInt64 = 0
        while index < raw.count {
            let digit = raw[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return wholeNumber(raw) }
            // At most 20 digits: only the last can overflow.
            let (tens, tooMany) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, tooLarge) = tens.addingReportingOverflow(UInt64(digit))
            guard !tooMany, !tooLarge else { return nil }
            magnitude = sum
            index += 1
        }
        if isNegative { return magnitude <= Int.min.magnitude ? Int(truncatingIfNeeded: 0 &- magnitude) : nil }
        return Int(exactly: magnitude)
    }

    /// The nearest `Double`; nil if it is no number or beyond its range.
    static func double(_ raw: UnsafeRawBufferPointer) -> Double? {
        guard let first = raw.first, first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else { return nil }
        guard let value = Double(String(decoding: raw, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    private static func wholeNumber(_ raw: UnsafeRawBufferPointer) -> Int? {
        guard let value = double(raw), value.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: value)
    }
}
