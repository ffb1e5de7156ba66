/// Where the values of a request lie in its JSON: numbers read, texts not yet made.
struct HTTPRequestPlaces: Sendable {
    var method = JSONText.absent
    var path = JSONText.absent
    var route = JSONText.absent
    var client = JSONText.absent
    var userAgent = JSONText.absent
    var host = JSONText.absent
    var requestID = JSONText.absent
    var query = JSONText.absent
    var headers = JSONText.absent
    var status = 0
    var durationMicroseconds = 0
    var requestBytes = 0
    var responseBytes = 0
    private var hasStatus = false

    /// Checks the kinds of all values that are known here.
    ///
    /// - Throws: `EventError` coded `.invalidData` if one is of the wrong kind, or method, path or status is missing.
    init(_ json: JSONSlice) throws(EventError) {
        try json.forEachMember { member, bytes throws(EventError) in
            guard member.nameIsEscaped else {
                return try note(member.value, bytes, named: member.name, member.nameCount, json)
            }
            try noteEscaped(member, bytes, json)
        }
        guard !method.isAbsent else { throw .missingMember("method") }
        guard !path.isAbsent else { throw .missingMember("path") }
        guard hasStatus else { throw .missingMember("status") }
    }

    init() {}

    // MARK: Private

    private mutating func noteEscaped(
        _ member: JSONMember, _ bytes: UnsafeRawBufferPointer, _ json: JSONSlice
    ) throws(EventError) {
        // The longest name has 14 characters of at most six bytes each.
        guard member.nameCount <= 84 else { return }
        let value = member.value
        let result = member.withName { name, count in
            Result { () throws(EventError) in try note(value, bytes, named: name, count, json) }
        }
        try result.get()
    }

    @inline(__always)
    private mutating func note(
        _ value: JSONText, _ bytes: UnsafeRawBufferPointer, named name: UnsafePointer<UInt8>, _ count: Int,
        _ json: JSONSlice
    ) throws(EventError) {
        // The count tells most names apart; in each case it proves that there are as many bytes as are compared.
        switch count {
        case 4:
            if JSONGrammar.equal(name, "path") {
                path = try Self.text(value, bytes, "path")
            } else if JSONGrammar.equal(name, "host") {
                host = try Self.text(value, bytes, "host")
            }
        case 5:
            if JSONGrammar.equal(name, "route") {
                route = try Self.text(value, bytes, "route")
            } else if JSONGrammar.equal(name, "query") {
                query = try Self.text(value, bytes, "query")
            }
        case 6:
            if JSONGrammar.equal(name, "method") {
                method = try Self.text(value, bytes, "method")
            } else if JSONGrammar.equal(name, "status") {
                (status, hasStatus) = try Self.integer(value, bytes, "status").map { ($0, true) } ?? (0, false)
            } else if JSONGrammar.equal(name, "client") {
                client = try Self.text(value, bytes, "client")
            }
        case 7: if JSONGrammar.equal(name, "headers") { headers = try Self.headers(value, bytes, json) }
        case 10:
            if JSONGrammar.equal(name, "user_agent") {
                userAgent = try Self.text(value, bytes, "user_agent")
            } else if JSONGrammar.equal(name, "request_id") {
                requestID = try Self.text(value, bytes, "request_id")
            }
        case 11:
            if JSONGrammar.equal(name, "duration_us") {
                durationMicroseconds = try Self.integer(value, bytes, "duration_us") ?? 0
            }
        case 13:
            if JSONGrammar.equal(name, "request_bytes") {
                requestBytes = try Self.integer(value, bytes, "request_bytes") ?? 0
            }
        case 14:
            if JSONGrammar.equal(name, "response_bytes") {
                responseBytes = try Self.integer(value, bytes, "response_bytes") ?? 0
            }
        default: return
        }
    }

    @inline(__always)
    private static func text(
        _ value: JSONText, _ bytes: UnsafeRawBufferPointer, _ name: StaticString
    ) throws(EventError) -> JSONText {
        if value.isString(in: bytes) { return value }
        guard value.isNull(in: bytes) else { throw .wrongMember("\(name)", expected: "a string") }
        return .absent
    }

    @inline(__always)
    private static func integer(
        _ value: JSONText, _ bytes: UnsafeRawBufferPointer, _ name: StaticString
    ) throws(EventError) -> Int? {
        if let integer = JSONNumber.integer(value.raw(in: bytes)) { return integer }
        guard value.isNull(in: bytes) else {
            throw .wrongMember("\(name)", expected: "a whole number of 64 bits")
        }
        return nil
    }

    private static func headers(
        _ value: JSONText, _ bytes: UnsafeRawBufferPointer, _ json: JSONSlice
    ) throws(EventError) -> JSONText {
        if value.isNull(in: bytes) { return .absent }
        guard value.isObject(in: bytes) else { throw .wrongMember("headers", expected: "an object of strings") }
        try json.object(at: value).forEachMember { member, bytes throws(EventError) in
            guard member.value.isString(in: bytes) else {
                throw .wrongMember("headers", expected: "an object of strings")
            }
        }
        return value
    }
}
