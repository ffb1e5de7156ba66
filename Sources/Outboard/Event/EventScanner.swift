/// Reads messages of a lane: one event object, or an array of them.
///
/// One pass: every byte is checked as JSON where it lies, attributes are noted as places in the message, nothing is
/// allocated unless `source`, `type`, `id` or `time` are written with escapes. Attributes come in any order, unknown
/// ones are passed over, of one that comes twice the last counts. In an array that breaks off, the elements before the
/// break count and the rest is one malformed element.
package enum EventScanner {
    /// Hands out each element of a message, in order. An empty array has none.
    package static func scan(_ message: UnsafeRawBufferPointer, _ body: (borrowing ScannedElement) -> Void) {
        var cursor = JSONCursor(message)
        cursor.skipWhitespace()
        guard cursor.byte == UInt8(ascii: "[") else {
            let start = cursor.at
            let fits = scanElement(&cursor) { element in
                // What follows the object decides whether the message is JSON at all.
                var rest = JSONCursor(message, at: start + element.bytes.count)
                rest.skipWhitespace()
                if rest.isAtEnd { body(element) } else { body(broken(message)) }
            }
            if !fits { body(broken(message)) }
            return
        }
        cursor.at += 1
        cursor.skipWhitespace()
        if cursor.take("]") { return endMessage(cursor, body) }
        while true {
            cursor.skipWhitespace()
            guard scanElement(&cursor, body) else { return body(broken(message)) }
            cursor.skipWhitespace()
            if cursor.take(",") { continue }
            guard cursor.take("]") else { return body(broken(message)) }
            return endMessage(cursor, body)
        }
    }

    /// Hands out the one element that a slice holds, which was scanned before.
    package static func withElement(in slice: ByteSlice, _ body: (borrowing ScannedElement) -> Void) {
        slice.withBytes { scan($0, body) }
    }

    private static func endMessage(_ cursor: JSONCursor, _ body: (borrowing ScannedElement) -> Void) {
        var cursor = cursor
        cursor.skipWhitespace()
        if !cursor.isAtEnd { body(broken(cursor.bytes)) }
    }

    private static func broken(_ message: UnsafeRawBufferPointer) -> ScannedElement {
        var element = ScannedElement(bytes: message)
        element.malformed = .notJSON
        return element
    }

    /// Scans one value. Returns false, without calling `body`, if it is not JSON.
    private static func scanElement(
        _ cursor: inout JSONCursor, _ body: (borrowing ScannedElement) -> Void
    ) -> Bool {
        let start = cursor.at
        guard cursor.byte == UInt8(ascii: "{") else {
            guard cursor.skipValue() else { return false }
            var element = ScannedElement(bytes: UnsafeRawBufferPointer(rebasing: cursor.bytes[start..<cursor.at]))
            element.malformed = .notAnObject
            body(element)
            return true
        }
        var places = AttributePlaces()
        guard places.read(&cursor) else { return false }
        let message = UnsafeRawBufferPointer(rebasing: cursor.bytes[start..<cursor.at])
        if places.hasEscapes {
            withUnescaped(places, in: cursor.bytes) { body(places.element(message, start, cursor.bytes, $0)) }
        } else {
            body(places.element(message, start, cursor.bytes, nil))
        }
        return true
    }

    /// The rare case: an attribute that is compared is written with escapes.
    private static func withUnescaped(
        _ places: AttributePlaces, in bytes: UnsafeRawBufferPointer, _ body: (UnescapedAttributes) -> Void
    ) {
        func unescaped(_ place: JSONCursor.Text?) -> [UInt8] {
            guard let place else { return [] }
            return JSONText.unescape(UnsafeRawBufferPointer(rebasing: bytes[place.start..<place.end]))
        }
        unescaped(places.specversion).withUnsafeBytes { specversion in
            unescaped(places.source).withUnsafeBytes { source in
                unescaped(places.id).withUnsafeBytes { id in
                    unescaped(places.type).withUnsafeBytes { type in
                        unescaped(places.time).withUnsafeBytes { time in
                            unescaped(places.contentType).withUnsafeBytes { contentType in
                                body(
                                    UnescapedAttributes(
                                        specversion: specversion, source: source, id: id, type: type, time: time,
                                        contentType: contentType))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The texts of attributes that are compared, without escapes.
struct UnescapedAttributes {
    let specversion: UnsafeRawBufferPointer
    let source: UnsafeRawBufferPointer
    let id: UnsafeRawBufferPointer
    let type: UnsafeRawBufferPointer
    let time: UnsafeRawBufferPointer
    let contentType: UnsafeRawBufferPointer
}
