// Times as text. The day is counted in a calendar whose years begin in March: the leap day is then the last of its year,
// months follow 153 days to five, and no table is needed. 400 years ("era") have 146 097 days.
//
// - SeeAlso: https://www.rfc-editor.org/rfc/rfc3339#section-5.6

extension Timestamp {
    /// Bytes of the text that `write(to:)` writes.
    static let textCount = 27
    private static let secondsPerDay: Int64 = 86_400
    /// Days from 0000-03-01 to 1970-01-01, and from there to the same day of 400 years earlier, to stay positive.
    private static let daysBefore1970: Int64 = 719_468 + 146_097

    /// Writes `2026-11-20T23:15:42.000117Z`.
    ///
    /// - Parameter output: Has room for `textCount` bytes.
    func write(to output: UnsafeMutablePointer<UInt8>) {
        // Counted from 400 years before 0000-03-01 everything is positive, so division rounds down.
        let sinceStart = UInt64(bitPattern: microseconds &+ Self.daysBefore1970 &* Self.secondsPerDay &* 1_000_000)
        let seconds = sinceStart / 1_000_000
        let fraction = UInt32(truncatingIfNeeded: sinceStart % 1_000_000)
        let days = UInt32(truncatingIfNeeded: seconds / 86_400)
        let second = UInt32(truncatingIfNeeded: seconds % 86_400)

        let era = days / 146_097
        let dayOfEra = days % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        // The subtraction comes last: January of the year 0000 lies in the March year before it.
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0) - 400

        DecimalDigits.writePair(year / 100, to: output)
        DecimalDigits.writePair(year % 100, to: output + 2)
        DecimalDigits.writePair(month, to: output + 5)
        DecimalDigits.writePair(day, to: output + 8)
        DecimalDigits.writePair(second / 3_600, to: output + 11)
        DecimalDigits.writePair(second / 60 % 60, to: output + 14)
        DecimalDigits.writePair(second % 60, to: output + 17)
        DecimalDigits.writePair(fraction / 10_000, to: output + 20)
        DecimalDigits.writePair(fraction / 100 % 100, to: output + 22)
        DecimalDigits.writePair(fraction % 100, to: output + 24)
        output[4] = UInt8(ascii: "-")
        output[7] = UInt8(ascii: "-")
        output[10] = UInt8(ascii: "T")
        output[13] = UInt8(ascii: ":")
        output[16] = UInt8(ascii: ":")
        output[19] = UInt8(ascii: ".")
        output[26] = UInt8(ascii: "Z")
    }

    /// Reads a time as `init(_:)` does.
    package init?(rfc3339 text: UnsafeRawBufferPointer) {
        if let own = Self(ownForm: text) {
            self = own
            return
        }
        guard text.count >= 20, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            text[10] | 0x20 == UInt8(ascii: "t"), text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let century = Self.pair(text, 0), let yearOfCentury = Self.pair(text, 2), let month = Self.pair(text, 5),
            let day = Self.pair(text, 8), let hour = Self.pair(text, 11), let minute = Self.pair(text, 14),
            let second = Self.pair(text, 17), hour < 24, minute < 60, second <= 60
        else { return nil }
        var rest = 19
        guard let fraction = Self.fraction(text, &rest), let offset = Self.offset(text, rest),
            let days = Self.days(century * 100 + yearOfCentury, month, day)
        else { return nil }

        let minutes = days * 1_440 + hour * 60 + minute - offset
        guard second == 60 else {
            self.init(microseconds: (minutes * 60 + second) * 1_000_000 + fraction)
            return
        }
        let minuteOfDay = ((minutes % 1_440) + 1_440) % 1_440
        guard minuteOfDay == 1_439 else { return nil }
        self.init(microseconds: (minutes + 1) * 60_000_000 - 1)
    }

    // MARK: Private

    /// Reads what `write(to:)` writes, eight bytes at once; nil for any other form, and for the second 60.
    @inline(__always)
    private init?(ownForm text: UnsafeRawBufferPointer) {
        guard text.count == Self.textCount, let base = text.baseAddress else { return nil }
        let start = base.assumingMemoryBound(to: UInt8.self)
        // Four words cover the 27 bytes; the last two overlap.
        guard let date = ByteWord.pairs(in: ByteWord.load(start), as: "0000-00-"),
            let day = ByteWord.pairs(in: ByteWord.load(start + 8), as: "00T00:00"),
            let second = ByteWord.pairs(in: ByteWord.load(start + 16), as: ":00.0000"),
            let fraction = ByteWord.pairs(in: ByteWord.load(start + 19), as: ".000000Z")
        else { return nil }
        let (hour, minute, seconds) = (day[3], day[6], second[1])
        guard hour < 24, minute < 60, seconds < 60, let days = Self.days(date[0] * 100 + date[2], date[5], day[0])
        else { return nil }
        let whole = ((days * 24 + hour) * 60 + minute) * 60 + seconds
        self.init(microseconds: whole * 1_000_000 + (fraction[1] * 100 + fraction[3]) * 100 + fraction[5])
    }

    /// Days from 1970-01-01 to a day, or nil if there is none such.
    @inline(__always)
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
        guard (1...12).contains(month), day >= 1 else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengthOfMonth: Int64 = month == 2 ? (isLeap ? 29 : 28) : 30 + (month + month / 8) % 2
        guard day <= lengthOfMonth else { return nil }
        let marchYear = (month <= 2 ? year - 1 : year) + 400
        let marchMonth = month <= 2 ? month + 9 : month - 3
        let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
        return marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400 + dayOfYear - daysBefore1970
    }

    @inline(__always)
    private static func pair(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int64? {
        let tens = text[index] &- 0x30
        let ones = text[index + 1] &- 0x30
        guard tens < 10, ones < 10 else { return nil }
        return Int64(tens * 10 + ones)
    }

    /// Microseconds of the digits behind a point, if there is one; `index` moves behind them.
    @inline(__always)
    private static func fraction(_ text: UnsafeRawBufferPointer, _ index: inout Int) -> Int64? {
        guard text[index] == UInt8(ascii: ".") else { return 0 }
        index += 1
        let start = index
        // Six digits are what this bus writes.
        if index + 6 < text.count, text[index + 6] &- 0x30 >= 10, let high = pair(text, index),
            let middle = pair(text, index + 2), let low = pair(text, index + 4)
        {
            index += 6
            return (high * 100 + middle) * 100 + low
        }
        var value: Int64 = 0
        while index < text.count, text[index] &- 0x30 < 10 {
            if index - start < 6 { value = value * 10 + Int64(text[index] &- 0x30) }
            index += 1
        }
        guard index > start else { return nil }
        for _ in min(index - start, 6)..<6 { value *= 10 }
        return value
    }

    /// Minutes by which the text is ahead of UTC; what is left of it must be `Z`, `z`, `+hh:mm` or `-hh:mm`.
    @inline(__always)
    private static func offset(_ text: UnsafeRawBufferPointer, _ index: Int) -> Int64? {
        guard index < text.count else { return nil }
        if text[index] | 0x20 == UInt8(ascii: "z") { return index + 1 == text.count ? 0 : nil }
        guard text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-"), index + 6 == text.count,
            text[index + 3] == UInt8(ascii: ":"), let hours = pair(text, index + 1), hours < 24,
            let minutes = pair(text, index + 4), minutes < 60
        else { return nil }
        let offset = hours * 60 + minutes
        return text[index] == UInt8(ascii: "-") ? -offset : offset
    }
}
