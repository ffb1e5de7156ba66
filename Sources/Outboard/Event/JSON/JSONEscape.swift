/// Puts escapes into a JSON string and takes them out.
enum JSONEscape {
    /// Bytes of the longest escape of one byte.
    static let most = 6

    /// Whether a JSON string cannot hold this byte as it is.
    static func isNeeded(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Writes the escape of one byte, the short form where there is one.
    ///
    /// - Returns: The number of bytes written, at most `most`.
    static func write(_ byte: UInt8, to output: UnsafeMutablePointer<UInt8>) -> Int {
        output[0] = UInt8(ascii: "\\")
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): output[1] = byte
        case 0x08: output[1] = UInt8(ascii: "b")
        case 0x09: output[1] = UInt8(ascii: "t")
        case 0x0A: output[1] = UInt8(ascii: "n")
        case 0x0C: output[1] = UInt8(ascii: "f")
        case 0x0D: output[1] = UInt8(ascii: "r")
        default:
            output[1] = UInt8(ascii: "u")
            output[2] = UInt8(ascii: "0")
            output[3] = UInt8(ascii: "0")
            output[4] = hexDigit(byte >> 4)
            output[5] = hexDigit(byte & 15)
            return 6
        }
        return 2
    }

    /// The UTF-16 code unit of four hexadecimal digits, which the caller has proven to be there; nil if they are not.
    static func codeUnit(_ digits: UnsafePointer<UInt8>) -> UInt16? {
        var unit: UInt16 = 0
        for index in 0..<4 {
            let nibble: UInt8
            switch digits[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digits[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digits[index] - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = digits[index] - UInt8(ascii: "A") + 10
            default: return nil
            }
            unit = unit << 4 | UInt16(nibble)
        }
        return unit
    }

    /// Writes the text of a string's content; the output is never longer than the content.
    ///
    /// A surrogate without its partner is no character and becomes U+FFFD. The grammar of JSON allows it, so the
    /// message is not malformed.
    ///
    /// - Parameters:
    ///   - content: What lies between the quotes, already found to be of the grammar.
    ///   - output: At least as large as `content`.
    /// - Returns: The number of bytes written.
    static func decode(_ content: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
        let input = content.bindMemory(to: UInt8.self)
        var read = 0
        var written = 0
        while read < input.count {
            guard input[read] == UInt8(ascii: "\\"), read + 1 < input.count else {
                output[written] = input[read]
                (read, written) = (read + 1, written + 1)
                continue
            }
            if input[read + 1] == UInt8(ascii: "u") {
                let scalar = unicodeScalar(input, &read)
                for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                    output[written] = unit
                    written += 1
                }
            } else {
                output[written] = control(input[read + 1])
                (read, written) = (read + 2, written + 1)
            }
        }
        return written
    }

    private static func hexDigit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    private static func control(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }

    /// Reads `\uXXXX`, or two of them where they are a surrogate pair, and moves `read` behind.
    private static func unicodeScalar(_ input: UnsafeBufferPointer<UInt8>, _ read: inout Int) -> Unicode.Scalar {
        let first = unit(input, at: read)
        read = min(read + 6, input.count)
        guard let first else { return "\u{FFFD}" }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), let second = unit(input, at: read), UTF16.isTrailSurrogate(second) else {
            return "\u{FFFD}"
        }
        read += 6
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private static func unit(_ input: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt16? {
        guard let start = input.baseAddress, index + 6 <= input.count, input[index] == UInt8(ascii: "\\"),
            input[index + 1] == UInt8(ascii: "u")
        else { return nil }
        return codeUnit(start + index + 2)
    }
}
