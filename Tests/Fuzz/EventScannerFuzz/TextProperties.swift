import Foundation

/// What must hold for any bytes, events or not.
enum TextProperties {
    static func check(_ bytes: UnsafeRawBufferPointer) {
        if let time = Timestamp(rfc3339: bytes) {
            precondition(Timestamp(time.description) == time, "a time that is written is read")
        }
        if let source = EventSource(bytes) {
            let text = "/\(source.publisher)/\(source.type)/\(source.lane)"
            precondition(text == String(decoding: bytes, as: UTF8.self), "a source is written in one way")
        }
        checkGrammar(bytes)
        checkObject(bytes)
        checkWriter(bytes)
    }

    /// The fast grammar takes what the plain one takes, no more and no less.
    private static func checkGrammar(_ bytes: UnsafeRawBufferPointer) {
        let isObject = JSONGrammar.object(in: bytes) != nil
        let isValue = ReferenceJSON.isValue(bytes, depth: JSONGrammar.depthLimit)
        let first = bytes.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
        precondition(isObject == (isValue && first == UInt8(ascii: "{")), "an object is one by RFC 8259")

        // Whatever it is: as the value of a member.
        let member = Array("{\"a\":".utf8) + Array(bytes) + [UInt8(ascii: "}")]
        let isMember = member.withUnsafeBytes { JSONGrammar.object(in: $0) != nil }
        let expected = member.withUnsafeBytes { ReferenceJSON.isValue($0, depth: JSONGrammar.depthLimit) }
        precondition(isMember == expected, "a value is one by RFC 8259")

        // Nothing in a message is broken if and only if it is JSON; the array around events is no level of theirs.
        var isBroken = false
        EventScanner.scan(bytes) { if $0.malformed == .notJSON { isBroken = true } }
        let levels = JSONGrammar.depthLimit + (first == UInt8(ascii: "[") ? 1 : 0)
        precondition(isBroken != ReferenceJSON.isValue(bytes, depth: levels), "a message is broken or JSON")
    }

    /// An object that is not known to be one may be asked anything.
    private static func checkObject(_ bytes: UnsafeRawBufferPointer) {
        let json = JSONSlice(slice: ByteSlice(copying: bytes))
        let request = try? HTTPRequest.read(from: json)
        _ = (request?.method, request?.headers, try? json.integer("status"), try? json.object("headers")?.string("a"))
    }

    /// Any text comes back from JSON as it was.
    private static func checkWriter(_ bytes: UnsafeRawBufferPointer) {
        let text = String(decoding: bytes, as: UTF8.self)
        var json = JSONWriter()
        json.beginObject()
        json.member("a", text)
        json.endObject()
        json.withBytes { written in
            let read = try? JSONSlice(checking: written).string("a")
            precondition(read == text, "a text that is written is read")
        }
    }
}

/// Where Foundation and RFC 8259 part.
enum Beyond {
    /// A surrogate without its partner, a number beyond `Double`, a byte that Foundation takes for UTF-16.
    static func foundation(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        return text.contains("\\ud") || text.contains(/[0-9]e/) || text.contains(/[0-9]{300}/)
    }

    /// Whether no two members of the event can have the same name: seven quotes of names, none escaped.
    static func hasNamesOnce(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        return !text.contains("\\") && text.ranges(of: "\"id\"").count == 1 && text.ranges(of: "\"source\"").count == 1
    }
}
