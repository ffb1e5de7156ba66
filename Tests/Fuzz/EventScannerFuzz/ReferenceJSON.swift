/// RFC 8259 written down as plainly as it can be: one function a rule, recursive, a byte at a time. The judge of the
/// fast grammar.
struct ReferenceJSON {
    private let bytes: [UInt8]
    private var index = 0

    /// Whether bytes are one value, nested at most `depth` deep, with whitespace around it.
    static func isValue(_ bytes: UnsafeRawBufferPointer, depth: Int) -> Bool {
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        var parser = ReferenceJSON(bytes: Array(bytes))
        return parser.element(depth) && parser.index == parser.bytes.count
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: Unicode.Scalar? { index < bytes.count ? Unicode.Scalar(bytes[index]) : nil }

    private mutating func take(_ expected: Unicode.Scalar) -> Bool {
        guard next == expected else { return false }
        index += 1
        return true
    }

    private mutating func take(oneOf expected: String) -> Bool {
        guard let next, expected.unicodeScalars.contains(next) else { return false }
        index += 1
        return true
    }

    private mutating func whitespace() {
        while take(oneOf: " \t\r\n") {}
    }

    private mutating func element(_ depth: Int) -> Bool {
        whitespace()
        guard value(depth) else { return false }
        whitespace()
        return true
    }

    private mutating func value(_ depth: Int) -> Bool {
        switch next {
        case "{": depth > 0 && object(depth)
        case "[": depth > 0 && array(depth)
        case "\"": string()
        case "t": word("true")
        case "f": word("false")
        case "n": word("null")
        default: number()
        }
    }

    private mutating func object(_ depth: Int) -> Bool {
        guard take("{") else { return false }
        whitespace()
        if take("}") { return true }
        repeat {
            whitespace()
            guard string() else { return false }
            whitespace()
            guard take(":"), element(depth - 1) else { return false }
        } while take(",")
        return take("}")
    }

    private mutating func array(_ depth: Int) -> Bool {
        guard take("[") else { return false }
        whitespace()
        if take("]") { return true }
        repeat {
            guard element(depth - 1) else { return false }
        } while take(",")
        return take("]")
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while let scalar = next, scalar != "\"" {
            guard scalar.value >= 0x20 else { return false }
            index += 1
            guard scalar == "\\" else { continue }
            if take("u") {
                for _ in 0..<4 { guard take(oneOf: "0123456789abcdefABCDEF") else { return false } }
            } else {
                guard take(oneOf: "\"\\/bfnrt") else { return false }
            }
        }
        return take("\"")
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0") { guard digits() else { return false } }
        if take(".") { guard digits() else { return false } }
        if take(oneOf: "eE") {
            _ = take(oneOf: "+-")
            guard digits() else { return false }
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while take(oneOf: "0123456789") {}
        return index > start
    }

    private mutating func word(_ word: String) -> Bool {
        word.unicodeScalars.allSatisfy { take($0) }
    }
}
