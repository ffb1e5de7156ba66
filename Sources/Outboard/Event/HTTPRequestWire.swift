/// An `http.request` as it lies in an event: numbers read, texts noted as places.
struct HTTPRequestWire: Sendable {
    /// Members that are texts.
    enum Member: Int, CaseIterable {
        case method, path, route, client, userAgent, host, requestID, query
    }

    /// Where a text lies; a member that is absent or null has a negative start.
    private struct Place {
        var start: Int32 = -1
        var end: Int32 = -1
        var hasEscapes = false
    }

    private let slice: ByteSlice
    private(set) var status = 0
    private(set) var durationMicroseconds = 0
    private(set) var requestBytes = 0
    private(set) var responseBytes = 0
    private var places: (Place, Place, Place, Place, Place, Place, Place, Place) = (
        Place(), Place(), Place(), Place(), Place(), Place(), Place(), Place()
    )
    private var headersRange: Range<Int>?

    /// - Throws: `EventError.invalidMember` if a member is of the wrong form or a needed one is absent.
    init(_ slice: ByteSlice) throws {
        self.slice = slice
        var hasStatus = false
        try slice.withBytes { bytes in
            var cursor = JSONCursor(bytes)
            cursor.at += 1
            cursor.skipWhitespace()
            while cursor.byte == UInt8(ascii: "\"") {
                guard let name = cursor.takeString() else { throw EventError.invalidMember("data") }
                cursor.skipWhitespace()
                cursor.at += 1
                cursor.skipWhitespace()
                try read(name, &cursor, &hasStatus)
                cursor.skipWhitespace()
                cursor.at += 1
                cursor.skipWhitespace()
            }
        }
        guard hasStatus else { throw EventError.invalidMember("status") }
        guard places.0.start >= 0 else { throw EventError.invalidMember("method") }
        guard places.1.start >= 0 else { throw EventError.invalidMember("path") }
    }

    func text(_ member: Member) -> String? {
        let place = self[member]
        guard place.start >= 0 else { return nil }
        return slice[Int(place.start)..<Int(place.end)].withBytes {
            JSONText.string($0, hasEscapes: place.hasEscapes)
        }
    }

    var headers: [String: String] {
        guard let headersRange else { return [:] }
        return slice[headersRange].withBytes { bytes in
            var headers: [String: String] = [:]
            var cursor = JSONCursor(bytes, at: 1)
            cursor.skipWhitespace()
            while let name = cursor.takeString() {
                cursor.skipWhitespace()
                cursor.at += 1
                cursor.skipWhitespace()
                if let value = cursor.takeString() {
                    headers[Self.string(name, bytes)] = Self.string(value, bytes)
                } else if !cursor.skipValue() {
                    break
                }
                cursor.skipWhitespace()
                cursor.at += 1
                cursor.skipWhitespace()
            }
            return headers
        }
    }

    func write(to json: inout JSONWriter) {
        slice.withBytes { json.writeRaw($0) }
    }

    // MARK: Private

    private static func string(_ text: JSONCursor.Text, _ bytes: UnsafeRawBufferPointer) -> String {
        JSONText.string(UnsafeRawBufferPointer(rebasing: bytes[text.start..<text.end]), hasEscapes: text.hasEscapes)
    }

    private subscript(member: Member) -> Place {
        get {
            withUnsafeBytes(of: places) { $0.assumingMemoryBound(to: Place.self)[member.rawValue] }
        }
        set {
            withUnsafeMutableBytes(of: &places) { $0.assumingMemoryBound(to: Place.self)[member.rawValue] = newValue }
        }
    }

    private mutating func read(
        _ name: JSONCursor.Text, _ cursor: inout JSONCursor, _ hasStatus: inout Bool
    ) throws {
        let raw = UnsafeRawBufferPointer(rebasing: cursor.bytes[name.start..<name.end])
        let unescaped = name.hasEscapes ? JSONText.unescape(raw) : nil
        let known = unescaped.map { $0.withUnsafeBytes { Name($0) } } ?? Name(raw)
        switch known {
        case .status:
            status = try Self.number("status", &cursor)
            hasStatus = true
        case .duration: durationMicroseconds = try Self.number("duration_us", &cursor)
        case .requestBytes: requestBytes = try Self.number("request_bytes", &cursor)
        case .responseBytes: responseBytes = try Self.number("response_bytes", &cursor)
        case .headers:
            let start = cursor.at
            let isObject = cursor.byte == UInt8(ascii: "{")
            guard cursor.skipValue(), isObject else { throw EventError.invalidMember("headers") }
            headersRange = start..<cursor.at
        case .text(let member): try readText(member, &cursor)
        case nil: guard cursor.skipValue() else { throw EventError.invalidMember("data") }
        }
    }

    private mutating func readText(_ member: Member, _ cursor: inout JSONCursor) throws {
        if let text = cursor.takeString() {
            self[member] = Place(start: Int32(text.start), end: Int32(text.end), hasEscapes: text.hasEscapes)
        } else if cursor.takeWord("null") {
            self[member] = Place()
        } else {
            throw EventError.invalidMember("\(member)")
        }
    }

    private static func number(_ name: String, _ cursor: inout JSONCursor) throws -> Int {
        guard let value = cursor.takeInteger(), value >= 0 else { throw EventError.invalidMember(name) }
        return Int(value)
    }

    /// The members by name.
    private enum Name {
        case status, duration, requestBytes, responseBytes, headers
        case text(Member)

        /// Told by length and first byte, then verified.
        init?(_ text: UnsafeRawBufferPointer) {
            let candidate: (Name, StaticString)
            switch (text.count, text.first) {
            case (4, UInt8(ascii: "p")): candidate = (.text(.path), "path")
            case (4, UInt8(ascii: "h")): candidate = (.text(.host), "host")
            case (5, UInt8(ascii: "r")): candidate = (.text(.route), "route")
            case (5, UInt8(ascii: "q")): candidate = (.text(.query), "query")
            case (6, UInt8(ascii: "m")): candidate = (.text(.method), "method")
            case (6, UInt8(ascii: "s")): candidate = (.status, "status")
            case (6, UInt8(ascii: "c")): candidate = (.text(.client), "client")
            case (7, UInt8(ascii: "h")): candidate = (.headers, "headers")
            case (10, UInt8(ascii: "u")): candidate = (.text(.userAgent), "user_agent")
            case (10, UInt8(ascii: "r")): candidate = (.text(.requestID), "request_id")
            case (11, UInt8(ascii: "d")): candidate = (.duration, "duration_us")
            case (13, UInt8(ascii: "r")): candidate = (.requestBytes, "request_bytes")
            case (14, UInt8(ascii: "r")): candidate = (.responseBytes, "response_bytes")
            default: return nil
            }
            let name = UnsafeRawBufferPointer(start: candidate.1.utf8Start, count: candidate.1.utf8CodeUnitCount)
            guard Bytes.equal(text, name) else { return nil }
            self = candidate.0
        }
    }
}
