/// Finds the events of a message where it lies, in one pass: every byte is checked against the grammar of JSON and of
/// UTF-8, and nothing is allocated per event.
///
/// A message is one object or an array of them; an empty array holds no event. Each element is judged alone. What is not
/// JSON in an array ends it: the elements before count, the rest is one malformed element.
///
/// Decisions where RFC 8259 leaves a choice: of members with the same name the last counts; a surrogate without its
/// partner reads as U+FFFD; a byte order mark is not JSON; containers may be nested 128 deep, the event itself included.
package enum EventScanner {
    /// Hands out each element in order. The elements are valid during the call only.
    package static func scan(_ message: UnsafeRawBufferPointer, _ body: (borrowing ScannedElement) -> Void) {
        // Offsets count in 31 bits; Redis's largest value is 512 MiB.
        guard let base = message.baseAddress, message.count <= Int(Int32.max) else {
            return body(ScannedElement(malformed: message.isEmpty ? .notJSON : .tooLarge, message))
        }
        let first = base.assumingMemoryBound(to: UInt8.self)
        let end = first + message.count
        let start = JSONGrammar.whitespaceEnd(first, end)
        if start < end, start.pointee == UInt8(ascii: "[") {
            scanArray(start, end, body)
        } else {
            body(element(from: start, to: end))
        }
    }

    /// The one element that bytes consist of, for example those of a scanned element that were kept.
    package static func element(in bytes: UnsafeRawBufferPointer) -> ScannedElement {
        guard let base = bytes.baseAddress, bytes.count <= Int(Int32.max) else {
            return ScannedElement(malformed: bytes.isEmpty ? .notJSON : .tooLarge, bytes)
        }
        let start = base.assumingMemoryBound(to: UInt8.self)
        let end = start + bytes.count
        return element(from: JSONGrammar.whitespaceEnd(start, end), to: end)
    }

    /// Hands out the one element that a slice consists of.
    package static func withElement<Result>(
        in slice: ByteSlice, _ body: (borrowing ScannedElement) throws -> Result
    ) rethrows -> Result {
        try slice.withBytes { try body(element(in: $0)) }
    }

    // MARK: Private

    /// The element between two positions, with nothing but whitespace behind it.
    @inline(__always)
    private static func element(from start: JSONGrammar.Position, to end: JSONGrammar.Position) -> ScannedElement {
        var attributes = EventAttributes()
        guard let elementEnd = elementEnd(start, end, &attributes),
            JSONGrammar.whitespaceEnd(elementEnd, end) == end
        else { return ScannedElement(malformed: .notJSON, bytes(start, end)) }
        return ScannedElement(judging: bytes(start, elementEnd), attributes)
    }

    @inline(never)
    private static func scanArray(
        _ start: JSONGrammar.Position, _ end: JSONGrammar.Position, _ body: (borrowing ScannedElement) -> Void
    ) {
        var position = JSONGrammar.whitespaceEnd(start + 1, end)
        var isClosed = position < end && position.pointee == UInt8(ascii: "]")
        while !isClosed {
            var attributes = EventAttributes()
            guard let elementEnd = elementEnd(position, end, &attributes) else { break }
            body(ScannedElement(judging: bytes(position, elementEnd), attributes))
            position = JSONGrammar.whitespaceEnd(elementEnd, end)
            guard position < end else { break }
            if position.pointee == UInt8(ascii: "]") {
                isClosed = true
            } else if position.pointee == UInt8(ascii: ",") {
                position = JSONGrammar.whitespaceEnd(position + 1, end)
            } else {
                break
            }
        }
        if !isClosed || JSONGrammar.whitespaceEnd(position + 1, end) != end {
            body(ScannedElement(malformed: .notJSON, bytes(position, end)))
        }
    }

    /// The end of one element, or nil if it is not JSON; the attributes are noted if it is an object.
    @inline(__always)
    private static func elementEnd(
        _ start: JSONGrammar.Position, _ end: JSONGrammar.Position, _ attributes: inout EventAttributes
    ) -> JSONGrammar.Position? {
        guard start < end else { return nil }
        if start.pointee == UInt8(ascii: "{") {
            if let ownEnd = attributes.noteInOwnOrder(start, end) { return ownEnd }
            attributes = EventAttributes()
            return JSONGrammar.objectEnd(start, end, depth: 0) { attributes.note($0) }
        }
        var unused = false
        return JSONGrammar.valueEnd(start, end, depth: 0, &unused)
    }

    @inline(__always)
    private static func bytes(_ start: JSONGrammar.Position, _ end: JSONGrammar.Position) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: end - start)
    }
}
