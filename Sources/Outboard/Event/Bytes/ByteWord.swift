/// Eight bytes of text, searched at once.
///
/// Most bytes of a JSON string need no look of their own: they are neither `"` nor `\` nor a control character nor the
/// start of something beyond ASCII. A word of eight is tested with a handful of integer operations ("SWAR"):
///
/// ```text
///   word ^ 0x2222…   a byte that was '"' is zero now; subtracting 1 from zero sets its high bit
///   word ^ 0x5C5C…   the same for '\'
///   word - 0x2020…   a byte below 0x20 goes below zero and sets its high bit
///   word             a byte beyond ASCII has its high bit set already
/// ```
///
/// A borrow may flag bytes above a flagged one wrongly, never below: the lowest flag is exact, and only that is used.
/// Words are read little-endian, so the lowest flag is the first byte. SIMD registers would take sixteen at a time, but
/// Swift has no portable instruction to turn a mask into a position, and most strings here are shorter than that.
enum ByteWord {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits: UInt64 = 0x8080_8080_8080_8080

    /// Reads eight bytes; the caller has proven that there are eight.
    @inline(__always)
    static func load(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
        UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
    }

    /// Reads one to seven bytes, the rest being zero; the caller has proven that there are as many.
    @inline(__always)
    static func load(_ pointer: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        // Two words that overlap in the middle have all bytes; what lies in both is the same.
        if count >= 4 { return pair(UInt32.self, pointer, count) }
        if count >= 2 { return pair(UInt16.self, pointer, count) }
        return UInt64(pointer.pointee)
    }

    @inline(__always)
    private static func pair<Word: FixedWidthInteger & BitwiseCopyable>(
        _: Word.Type, _ pointer: UnsafePointer<UInt8>, _ count: Int
    ) -> UInt64 {
        let size = MemoryLayout<Word>.size
        let first = Word(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: Word.self))
        let last = Word(littleEndian: UnsafeRawPointer(pointer + (count - size)).loadUnaligned(as: Word.self))
        return UInt64(truncatingIfNeeded: first) | UInt64(truncatingIfNeeded: last) << UInt64((count - size) * 8)
    }

    /// Not zero if there is a byte that is not plain ASCII text of a JSON string; see `firstIndex`.
    @inline(__always)
    static func flagsOfSpecial(_ word: UInt64) -> UInt64 {
        (escapes(word) | word) & highBits
    }

    /// Not zero if there is a byte that a JSON string must escape; see `firstIndex`.
    @inline(__always)
    static func flagsOfEscaped(_ word: UInt64) -> UInt64 {
        escapes(word) & ~word & highBits
    }

    /// Index of the first flagged byte, 0 through 7; the flags must not be zero.
    @inline(__always)
    static func firstIndex(_ flags: UInt64) -> Int {
        flags.trailingZeroBitCount >> 3
    }

    /// Numbers of two digits in a word that has digits where `form` has `0`, and elsewhere the bytes of `form`.
    struct DigitPairs {
        fileprivate let pairs: UInt64

        /// The number whose first digit is this byte of the word; both must be digits of the form.
        @inline(__always)
        subscript(index: Int) -> Int64 {
            Int64(truncatingIfNeeded: (pairs >> UInt64(index * 8)) & 0xFF)
        }
    }

    /// Reads pairs of digits; nil if the word has another form.
    ///
    /// - Parameter form: Eight bytes of ASCII.
    @inline(__always)
    static func pairs(in word: UInt64, as form: StaticString) -> DigitPairs? {
        let form = load(form.utf8Start)
        // A digit differs from '0' by 0 to 9 only, another byte of the form not at all: 0x76 more sets no high bit, and
        // where the form has no digit the difference must be nothing.
        let difference = word ^ form
        let isDigit = zeroes(form)
        guard (difference | (difference &+ ones &* 0x76)) & highBits == 0, difference & ~isDigit == 0 else {
            return nil
        }
        return DigitPairs(pairs: difference &* 10 &+ difference >> 8)
    }

    /// 0xFF for each byte of a form that is '0'.
    @inline(__always)
    private static func zeroes(_ form: UInt64) -> UInt64 {
        // Of the form's bytes ('0', '-', 'T', ':', '.', 'Z') only '0' differs from '0' by nothing.
        let difference = form ^ (ones &* 0x30)
        let isOther = ((difference &+ ones &* 0x7F) & highBits) >> 7
        return ~(isOther &* 0xFF)
    }

    @inline(__always)
    private static func escapes(_ word: UInt64) -> UInt64 {
        let quote = (word ^ (ones &* 0x22)) &- ones
        let backslash = (word ^ (ones &* 0x5C)) &- ones
        let control = word &- (ones &* 0x20)
        return quote | backslash | control
    }
}
