#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an event carries in its `data` attribute: a JSON object whose schema is named by `eventType`.
///
/// Any `Codable` struct will do; Foundation's coders write and read it, dates as ISO 8601. A payload on a hot path may
/// write and read itself instead, as `HTTPRequest` does.
public protocol EventPayload: Codable, Sendable {
    /// The CloudEvents `type`: `[a-z0-9][a-z0-9.-]{0,63}`, for example `order.placed`.
    static var eventType: String { get }

    /// Writes the payload as one JSON object.
    ///
    /// - Throws: `EventError.notEncodable` if it has no JSON form.
    func write(to json: inout JSONWriter) throws

    /// Reads the payload from one JSON object, whose syntax has been checked.
    ///
    /// - Throws: Any error; the event is then booked as failed.
    static func read(from json: JSONSlice) throws -> Self
}

extension EventPayload {
    /// Writes through Foundation's `JSONEncoder`.
    public func write(to json: inout JSONWriter) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let data: Data
        do {
            data = try encoder.encode(self)
        } catch {
            throw EventError.notEncodable(type: Self.eventType, reason: "\(error)")
        }
        guard data.first == UInt8(ascii: "{") else {
            throw EventError.notEncodable(type: Self.eventType, reason: "its JSON is not an object; use a struct")
        }
        data.withUnsafeBytes { json.writeRaw($0) }
    }

    /// Reads through Foundation's `JSONDecoder`.
    public static func read(from json: JSONSlice) throws -> Self {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(Self.self, from: json.slice.withBytes { Data($0) })
    }
}

/// Why an event cannot be published, or read.
public enum EventError: Error, Equatable, CustomStringConvertible {
    /// The payload has no form as a JSON object.
    case notEncodable(type: String, reason: String)
    /// The whole event is over 1 MiB.
    case tooLarge(bytes: Int)
    /// The type is not `[a-z0-9][a-z0-9.-]{0,63}`.
    case invalidType(String)
    /// A member of the payload is absent or of the wrong form.
    case invalidMember(String)

    public var description: String {
        switch self {
        case .notEncodable(let type, let reason): "payload of type \(type) cannot be encoded: \(reason)"
        case .tooLarge(let bytes): "the event has \(bytes) bytes; at most 1048576 can be published"
        case .invalidType(let type):
            "event type '\(type)': needs a-z or 0-9, then up to 63 of a-z, 0-9, . and -, for example order.placed"
        case .invalidMember(let name): "member '\(name)' of the payload is absent or of the wrong form"
        }
    }
}

/// The bytes of one JSON object, checked, as they lie in the event.
public struct JSONSlice: Sendable {
    package let slice: ByteSlice

    package init(slice: ByteSlice) {
        self.slice = slice
    }

    /// Lends the bytes for the time of the call.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try slice.withBytes(body)
    }
}
