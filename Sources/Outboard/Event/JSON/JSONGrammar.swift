#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The grammar of JSON (RFC 8259) and UTF-8 (RFC 3629) as functions from a position to the position behind what begins
/// there, or nil if it is not of that form. None reads at or beyond `end`, none allocates, none recurses.
///
/// - SeeAlso: https://www.rfc-editor.org/rfc/rfc8259
enum JSONGrammar {
    typealias Position = UnsafePointer<UInt8>

    /// Skips blanks, tabs and line ends.
    @inline(__always)
    static func whitespaceEnd(_ start: Position, _ end: Position) -> Position {
        var position = start
        while position < end, position.pointee <= 0x20, isWhitespace(position.pointee) { position += 1 }
        return position
    }

    /// The end of a string whose opening quote lies before `start`; `escaped` is set if it has a backslash.
    @inline(__always)
    static func stringEnd(_ start: Position, _ end: Position, _ escaped: inout Bool) -> Position? {
        var position = start
        while true {
            if end - position >= 8 {
                let flags = ByteWord.flagsOfSpecial(ByteWord.load(position))
                guard flags != 0 else {
                    position += 8
                    continue
                }
                position += ByteWord.firstIndex(flags)
            } else if position >= end {
                return nil
            }
            if position.pointee == UInt8(ascii: "\"") { return position + 1 }
            guard let next = characterEnd(position, end, &escaped) else { return nil }
            position = next
        }
    }

    /// The end of a number.
    static func numberEnd(_ start: Position, _ end: Position) -> Position? {
        var position = start
        if position < end, position.pointee == UInt8(ascii: "-") { position += 1 }
        guard position < end else { return nil }
        if position.pointee == UInt8(ascii: "0") {
            position += 1
        } else {
            guard let next = digitsEnd(position, end) else { return nil }
            position = next
        }
        if position < end, position.pointee == UInt8(ascii: ".") {
            guard let next = digitsEnd(position + 1, end) else { return nil }
            position = next
        }
        guard position < end, position.pointee | 0x20 == UInt8(ascii: "e") else { return position }
        position += 1
        if position < end, position.pointee == UInt8(ascii: "+") || position.pointee == UInt8(ascii: "-") {
            position += 1
        }
        return digitsEnd(position, end)
    }

    /// The position behind `literal` if that is what begins at `start`.
    @inline(__always)
    static func end(of literal: StaticString, _ start: Position, _ end: Position) -> Position? {
        let count = literal.utf8CodeUnitCount
        guard end - start >= count, equal(start, literal) else { return nil }
        return start + count
    }

    /// Whether the bytes at `start` are those of `literal`; the caller has proven that there are as many.
    @inline(__always)
    static func equal(_ start: Position, _ literal: StaticString) -> Bool {
        // With a literal the count is a constant, and the compiler makes one or two comparisons of words of this.
        memcmp(start, literal.utf8Start, literal.utf8CodeUnitCount) == 0
    }

    // MARK: Private

    @inline(__always)
    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func digitsEnd(_ start: Position, _ end: Position) -> Position? {
        var position = start
        while position < end, position.pointee &- 0x30 < 10 { position += 1 }
        return position == start ? nil : position
    }

    /// The end of one character of a string that is not its closing quote.
    @inline(never)
    private static func characterEnd(_ start: Position, _ end: Position, _ escaped: inout Bool) -> Position? {
        switch start.pointee {
        case UInt8(ascii: "\\"):
            escaped = true
            return escapeEnd(start, end)
        case 0x20..<0x80: return start + 1
        case 0x80...: return UTF8Grammar.sequenceEnd(start, end)
        default: return nil
        }
    }

    private static func escapeEnd(_ start: Position, _ end: Position) -> Position? {
        guard end - start >= 2 else { return nil }
        switch start[1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard end - start >= 6, JSONEscape.codeUnit(start + 2) != nil else { return nil }
            return start + 6
        default: return nil
        }
    }
}
