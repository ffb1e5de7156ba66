/// A JSON object as it was received, read where it lies: nothing is made of a member that nobody asks for.
///
/// Each question goes over the object once, which takes some tens of nanoseconds. Of members with the same name the
/// last one counts. A number may be written in any form: `200`, `2e2` and `200.0` are the same integer.
public struct JSONSlice: Sendable {
    package let slice: ByteSlice
    /// The request that it is, if the scan of its event has noted one.
    private(set) var request: HTTPRequestView?

    /// - Parameter slice: A JSON object; if it is none, every question throws.
    package init(slice: ByteSlice) {
        self.slice = slice
        request = nil
    }

    /// Takes note of where the members of a request lie in the slice.
    mutating func note(_ places: HTTPRequestPlaces, in requests: inout ReceivedRequests) {
        request = requests.view(JSONSlice(slice: slice), places)
    }

    /// An object without members: `{}`.
    package static let empty = JSONSlice(slice: Array("{}".utf8).withUnsafeBytes { ByteSlice(copying: $0) })

    /// Takes bytes that may be anything.
    ///
    /// - Throws: `EventError` coded `.invalidData` if they are not one JSON object, whitespace around it allowed.
    package init(checking bytes: UnsafeRawBufferPointer) throws(EventError) {
        guard let object = JSONGrammar.object(in: bytes) else {
            throw EventError(.invalidData, "the data is not a JSON object; write it as {\"name\": value, …}")
        }
        self.init(slice: ByteSlice(copying: object))
    }

    /// Hands out the bytes, for a decoder of your own; valid during the call.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try slice.withBytes(body)
    }

    /// The text of a member; nil if it is absent or null.
    ///
    /// - Throws: `EventError` coded `.invalidData` if it is something else.
    public func string(_ name: String) throws(EventError) -> String? {
        try value(name, "a string") { text, bytes in text.isString(in: bytes) ? text.string(in: bytes) : nil }
    }

    /// A member that is a whole number; nil if it is absent or null.
    ///
    /// - Throws: `EventError` coded `.invalidData` if it is something else or does not fit.
    public func integer(_ name: String) throws(EventError) -> Int? {
        try value(name, "a whole number of 64 bits") { text, bytes in JSONNumber.integer(text.raw(in: bytes)) }
    }

    /// A member that is a number; nil if it is absent or null.
    ///
    /// - Throws: `EventError` coded `.invalidData` if it is something else or too large for a `Double`.
    public func number(_ name: String) throws(EventError) -> Double? {
        try value(name, "a number") { text, bytes in JSONNumber.double(text.raw(in: bytes)) }
    }

    /// A member that is true or false; nil if it is absent or null.
    ///
    /// - Throws: `EventError` coded `.invalidData` if it is something else.
    public func boolean(_ name: String) throws(EventError) -> Bool? {
        try value(name, "true or false") { text, bytes in
            switch text.firstByte(in: bytes) {
            case UInt8(ascii: "t"): true
            case UInt8(ascii: "f"): false
            default: nil
            }
        }
    }

    /// A member that is an object; nil if it is absent or null.
    ///
    /// - Throws: `EventError` coded `.invalidData` if it is something else.
    public func object(_ name: String) throws(EventError) -> JSONSlice? {
        try value(name, "an object") { text, bytes in
            guard text.isObject(in: bytes) else { return nil }
            return object(at: text)
        }
    }

    /// Hands out the members in order. Offsets of values count from the object's opening brace.
    @inline(__always)
    func forEachMember(_ body: (JSONMember, UnsafeRawBufferPointer) throws(EventError) -> Void) throws(EventError) {
        try slice.withBytes { (bytes: UnsafeRawBufferPointer) throws(EventError) in
            let text = bytes.bindMemory(to: UInt8.self)
            guard let start = text.baseAddress else { throw Self.notAnObject }
            let end = try JSONGrammar.objectEnd(start, start + text.count, depth: 0) {
                member throws(EventError) in try body(member, bytes)
            }
            guard end != nil else { throw Self.notAnObject }
        }
    }

    /// An object inside this one.
    func object(at text: JSONText) -> JSONSlice {
        JSONSlice(slice: slice[text.range])
    }

    // MARK: Private

    private static var notAnObject: EventError { EventError(.invalidData, "the data is not a JSON object") }

    private func value<Value>(
        _ name: String, _ expected: String, _ read: (JSONText, UnsafeRawBufferPointer) -> Value?
    ) throws(EventError) -> Value? {
        var name = name
        var found = JSONText.absent
        // The name of a caller is native UTF-8 after this, so that comparing it costs no copy.
        name.makeContiguousUTF8()
        try forEachMember { member, _ throws(EventError) in
            if name.utf8.withContiguousStorageIfAvailable({ member.isNamed($0) }) == true { found = member.value }
        }
        guard !found.isAbsent else { return nil }
        let result: Value?? = slice.withBytes { bytes in
            found.isNull(in: bytes) ? .some(nil) : read(found, bytes).map { .some($0) }
        }
        guard let result else { throw EventError.wrongMember(name, expected: expected) }
        return result
    }
}

extension JSONGrammar {
    /// The one object that bytes consist of, whitespace around it left out; nil if they are anything else.
    static func object(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let text = bytes.bindMemory(to: UInt8.self)
        guard let first = text.baseAddress else { return nil }
        let limit = first + text.count
        let start = whitespaceEnd(first, limit)
        var escaped = false
        guard start < limit, start.pointee == UInt8(ascii: "{"),
            let end = valueEnd(start, limit, depth: 0, &escaped), whitespaceEnd(end, limit) == limit
        else { return nil }
        return UnsafeRawBufferPointer(start: start, count: end - start)
    }
}
