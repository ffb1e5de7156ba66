extension JSONGrammar {
    /// Containers inside one another that a value may have, so that a hostile message cannot cost more than its bytes.
    static let depthLimit = 128

    /// The end of any value, nested ones included; `escaped` is set if it is a string with a backslash.
    ///
    /// - Parameter depth: Containers around the value; with them it may be nested `depthLimit` deep.
    @inline(__always)
    static func valueEnd(_ start: Position, _ end: Position, depth: Int, _ escaped: inout Bool) -> Position? {
        guard start < end else { return nil }
        if start.pointee == UInt8(ascii: "\"") { return stringEnd(start + 1, end, &escaped) }
        return structureEnd(start, end, depthLimit - depth)
    }

    /// The end of a value that is not a string. The containers that are open are one bit each, 1 for an object.
    @inline(never)
    private static func structureEnd(_ start: Position, _ end: Position, _ levels: Int) -> Position? {
        var position = start
        var open: UInt128 = 0
        var depth = 0
        var unused = false
        while true {
            guard position < end else { return nil }
            let isObject = position.pointee == UInt8(ascii: "{")
            if isObject || position.pointee == UInt8(ascii: "[") {
                guard depth < levels else { return nil }
                depth += 1
                open = open << 1 | (isObject ? 1 : 0)
                position = whitespaceEnd(position + 1, end)
                guard position < end else { return nil }
                if position.pointee != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                    if isObject {
                        guard let value = nameEnd(position, end, &unused) else { return nil }
                        position = value
                    }
                    continue
                }
            } else {
                let next =
                    position.pointee == UInt8(ascii: "\"")
                    ? stringEnd(position + 1, end, &unused) : scalarEnd(position, end)
                guard let next else { return nil }
                if depth == 0 { return next }
                position = whitespaceEnd(next, end)
            }
            // Behind a value inside a container, or at the bracket of an empty one.
            while true {
                guard position < end else { return nil }
                let inObject = open & 1 == 1
                if position.pointee == UInt8(ascii: ",") {
                    position = whitespaceEnd(position + 1, end)
                    guard inObject else { break }
                    guard let value = nameEnd(position, end, &unused) else { return nil }
                    position = value
                    break
                }
                guard position.pointee == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return nil }
                open >>= 1
                depth -= 1
                if depth == 0 { return position + 1 }
                position = whitespaceEnd(position + 1, end)
            }
        }
    }

    /// Where the value of a member begins whose name begins at `start`, quote included.
    @inline(__always)
    private static func nameEnd(_ start: Position, _ end: Position, _ escaped: inout Bool) -> Position? {
        guard start < end, start.pointee == UInt8(ascii: "\"") else { return nil }
        guard let close = stringEnd(start + 1, end, &escaped) else { return nil }
        return colonEnd(close, end)
    }

    /// Skips a colon and the whitespace on both sides of it.
    @inline(__always)
    static func colonEnd(_ start: Position, _ end: Position) -> Position? {
        let colon = whitespaceEnd(start, end)
        guard colon < end, colon.pointee == UInt8(ascii: ":") else { return nil }
        return whitespaceEnd(colon + 1, end)
    }

    /// The end of a number or a word.
    private static func scalarEnd(_ start: Position, _ end: Position) -> Position? {
        switch start.pointee {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return numberEnd(start, end)
        case UInt8(ascii: "t"): return self.end(of: "true", start, end)
        case UInt8(ascii: "f"): return self.end(of: "false", start, end)
        case UInt8(ascii: "n"): return self.end(of: "null", start, end)
        default: return nil
        }
    }
}
