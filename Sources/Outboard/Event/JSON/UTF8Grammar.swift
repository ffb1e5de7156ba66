/// The forms of UTF-8 beyond ASCII: no overlong form, no surrogate, nothing above U+10FFFF.
///
/// - SeeAlso: https://www.rfc-editor.org/rfc/rfc3629#section-4
enum UTF8Grammar {
    /// The end of the sequence that begins at `start`, which lies before `end`; nil if it is not of that form.
    static func sequenceEnd(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        let count: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch start.pointee {
        case 0xC2...0xDF: count = 2
        case 0xE0: (count, second) = (3, 0xA0...0xBF)
        case 0xED: (count, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: count = 3
        case 0xF0: (count, second) = (4, 0x90...0xBF)
        case 0xF4: (count, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: count = 4
        default: return nil
        }
        guard end - start >= count, second.contains(start[1]) else { return nil }
        for index in 2..<max(count, 2) where start[index] & 0xC0 != 0x80 { return nil }
        return start + count
    }
}
