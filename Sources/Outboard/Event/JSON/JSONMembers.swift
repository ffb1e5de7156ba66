/// One member of an object, where it lies.
struct JSONMember {
    /// The name, its first character first; no quotes.
    let name: UnsafePointer<UInt8>
    let nameCount: Int
    let nameIsEscaped: Bool
    /// The value, at the offset from the position that the walk counts from.
    let value: JSONText

    /// Hands out the name, escapes taken out where it has some.
    func withName<Result>(_ body: (UnsafePointer<UInt8>, Int) -> Result) -> Result {
        guard nameIsEscaped else { return body(name, nameCount) }
        return withUnsafeTemporaryAllocation(byteCount: nameCount, alignment: 1) { output in
            let count = JSONEscape.decode(UnsafeRawBufferPointer(start: name, count: nameCount), into: output)
            // An escaped name has a byte at least, so the buffer has an address; `name` stands in for the impossible.
            return body(output.bindMemory(to: UInt8.self).baseAddress.map { UnsafePointer($0) } ?? name, count)
        }
    }

    /// Whether the name is this one.
    func isNamed(_ expected: UnsafeBufferPointer<UInt8>) -> Bool {
        withName { name, count in expected.elementsEqual(UnsafeBufferPointer(start: name, count: count)) }
    }
}

extension JSONGrammar {
    /// Hands out the members of an object in order, each checked with all that is nested in it.
    ///
    /// - Parameters:
    ///   - start: At the opening brace; offsets count from here.
    ///   - depth: Containers around the object.
    /// - Returns: The position behind the closing brace, or nil where the object stops being JSON: members before that
    ///   were handed out.
    @inline(__always)
    static func objectEnd<Failure: Error>(
        _ start: Position, _ end: Position, depth: Int, _ body: (JSONMember) throws(Failure) -> Void
    ) throws(Failure) -> Position? {
        guard start < end, start.pointee == UInt8(ascii: "{") else { return nil }
        var position = whitespaceEnd(start + 1, end)
        if position < end, position.pointee == UInt8(ascii: "}") { return position + 1 }
        while true {
            guard position < end, position.pointee == UInt8(ascii: "\"") else { return nil }
            let name = position + 1
            var nameIsEscaped = false
            guard let nameEnd = stringEnd(name, end, &nameIsEscaped), let value = colonEnd(nameEnd, end) else {
                return nil
            }
            var valueIsEscaped = false
            guard let valueEnd = valueEnd(value, end, depth: depth + 1, &valueIsEscaped) else { return nil }
            try body(
                JSONMember(
                    name: name, nameCount: nameEnd - name - 1, nameIsEscaped: nameIsEscaped,
                    value: JSONText(offset: value - start, count: valueEnd - value, escaped: valueIsEscaped)))
            position = whitespaceEnd(valueEnd, end)
            guard position < end else { return nil }
            if position.pointee == UInt8(ascii: "}") { return position + 1 }
            guard position.pointee == UInt8(ascii: ",") else { return nil }
            position = whitespaceEnd(position + 1, end)
        }
    }
}
