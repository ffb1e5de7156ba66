/// Where the attributes of one event lie in a message.
struct AttributePlaces {
    /// A value that is not a text where one is needed counts as wrong, not as absent.
    var specversion: JSONCursor.Text?
    var source: JSONCursor.Text?
    var id: JSONCursor.Text?
    var type: JSONCursor.Text?
    var time: JSONCursor.Text?
    var contentType: JSONCursor.Text?
    var contentTypeIsWrong = false
    var key: JSONCursor.Text?
    var trace: JSONCursor.Text?
    var data: Range<Int>?
    var hasEscapes = false

    /// Reads an object's members; false if it is not JSON.
    mutating func read(_ cursor: inout JSONCursor) -> Bool {
        cursor.at += 1
        cursor.skipWhitespace()
        if cursor.take("}") { return true }
        while true {
            cursor.skipWhitespace()
            guard let name = cursor.takeString() else { return false }
            cursor.skipWhitespace()
            guard cursor.take(":") else { return false }
            cursor.skipWhitespace()
            guard readValue(of: name, &cursor) else { return false }
            cursor.skipWhitespace()
            if cursor.take(",") { continue }
            return cursor.take("}")
        }
    }

    private mutating func readValue(of name: JSONCursor.Text, _ cursor: inout JSONCursor) -> Bool {
        let start = cursor.at
        let attribute = Attribute(name, in: cursor.bytes)
        var text: JSONCursor.Text?
        if cursor.byte == UInt8(ascii: "\"") {
            guard let taken = cursor.takeString() else { return false }
            text = taken
        } else {
            guard cursor.skipValue() else { return false }
        }
        switch attribute {
        case .specversion: set(\.specversion, text)
        case .source: set(\.source, text)
        case .id: set(\.id, text)
        case .type: set(\.type, text)
        case .time: set(\.time, text)
        case .datacontenttype:
            set(\.contentType, text)
            contentTypeIsWrong = text == nil
        case .partitionkey: key = text
        case .traceparent: trace = text
        case .data: data = cursor.bytes[start] == UInt8(ascii: "{") ? start..<cursor.at : nil
        case nil: break
        }
        return true
    }

    private mutating func set(_ member: WritableKeyPath<AttributePlaces, JSONCursor.Text?>, _ text: JSONCursor.Text?) {
        self[keyPath: member] = text
        if let text, text.hasEscapes { hasEscapes = true }
    }

    /// Judges what was read; docs/protocol.md, "Malformed".
    func element(
        _ own: UnsafeRawBufferPointer, _ start: Int, _ bytes: UnsafeRawBufferPointer, _ unescaped: UnescapedAttributes?
    ) -> ScannedElement {
        func text(_ place: JSONCursor.Text?, _ other: UnsafeRawBufferPointer?) -> UnsafeRawBufferPointer? {
            guard let place else { return nil }
            return other ?? UnsafeRawBufferPointer(rebasing: bytes[place.start..<place.end])
        }
        var element = ScannedElement(bytes: own)
        guard let version = text(specversion, unescaped?.specversion), version.count == 3,
            version[0] == UInt8(ascii: "1"), version[1] == UInt8(ascii: "."), version[2] == UInt8(ascii: "0")
        else {
            element.malformed = .specversion
            return element
        }
        guard let source = text(source, unescaped?.source) else {
            element.malformed = .source
            return element
        }
        guard let type = text(type, unescaped?.type) else {
            element.malformed = .type
            return element
        }
        guard let id = text(id, unescaped?.id), let number = Self.number(id) else {
            element.malformed = .id
            return element
        }
        element.source = source
        element.type = type
        element.id = number
        element.time = text(time, unescaped?.time).flatMap { Timestamp(rfc3339: $0) }
        func moved(_ text: JSONCursor.Text?) -> JSONCursor.Text? {
            text.map { JSONCursor.Text(start: $0.start - start, end: $0.end - start, hasEscapes: $0.hasEscapes) }
        }
        element.keyText = moved(key)
        element.traceText = moved(trace)
        if let data { element.dataRange = data.lowerBound - start..<data.upperBound - start }
        if element.time == nil {
            element.unusable = .time
        } else if data == nil {
            element.unusable = .data
        } else if contentTypeIsWrong || !Self.isJSON(text(contentType, unescaped?.contentType)) {
            element.unusable = .contentType
        }
        return element
    }

    /// `[1-9][0-9]{0,15}`, below 2^53.
    private static func number(_ text: UnsafeRawBufferPointer) -> UInt64? {
        guard (1...16).contains(text.count), text[0] != UInt8(ascii: "0") else { return nil }
        var number: UInt64 = 0
        for byte in text {
            guard byte.isDigit else { return nil }
            number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return number < 1 << 53 ? number : nil
    }

    private static func isJSON(_ text: UnsafeRawBufferPointer?) -> Bool {
        guard let text else { return true }
        let json: StaticString = "application/json"
        return Bytes.equal(text, UnsafeRawBufferPointer(start: json.utf8Start, count: json.utf8CodeUnitCount))
    }
}

/// The attributes that are looked at.
enum Attribute {
    case specversion, source, id, type, time, datacontenttype, partitionkey, traceparent, data

    /// Told by length and first byte, then verified. Nil for any other name.
    init?(_ name: JSONCursor.Text, in bytes: UnsafeRawBufferPointer) {
        let text = UnsafeRawBufferPointer(rebasing: bytes[name.start..<name.end])
        guard !name.hasEscapes else {
            guard let known = JSONText.unescape(text).withUnsafeBytes({ Attribute($0) }) else { return nil }
            self = known
            return
        }
        guard let known = Attribute(text) else { return nil }
        self = known
    }

    private init?(_ text: UnsafeRawBufferPointer) {
        let candidate: (Attribute, StaticString)
        switch (text.count, text.first) {
        case (2, UInt8(ascii: "i")): candidate = (.id, "id")
        case (4, UInt8(ascii: "d")): candidate = (.data, "data")
        case (4, UInt8(ascii: "t")):
            candidate = text[1] == UInt8(ascii: "y") ? (.type, "type") : (.time, "time")
        case (6, UInt8(ascii: "s")): candidate = (.source, "source")
        case (11, UInt8(ascii: "s")): candidate = (.specversion, "specversion")
        case (11, UInt8(ascii: "t")): candidate = (.traceparent, "traceparent")
        case (12, UInt8(ascii: "p")): candidate = (.partitionkey, "partitionkey")
        case (15, UInt8(ascii: "d")): candidate = (.datacontenttype, "datacontenttype")
        default: return nil
        }
        let name = UnsafeRawBufferPointer(
            start: candidate.1.utf8Start, count: candidate.1.utf8CodeUnitCount)
        guard Bytes.equal(text, name) else { return nil }
        self = candidate.0
    }
}
