/// What an event carries in its `data` attribute: a JSON object whose schema is named by `eventType`.
///
/// Any `Codable` struct will do; Foundation's coders write and read it, dates as RFC 3339 with microseconds. A payload on
/// a hot path may write and read itself instead, which is some thirty times as fast; it implements both functions and
/// keeps the same members as its `Codable` form.
public protocol EventPayload: Codable, Sendable {
    /// The CloudEvents `type`: `[a-z0-9][a-z0-9.-]{0,63}`, for example `order.placed`.
    static var eventType: String { get }

    /// Writes the payload as one JSON object.
    ///
    /// - Throws: `EventError` coded `.notEncodable` if there is a value that JSON cannot say.
    func write(to json: inout JSONWriter) throws

    /// Reads what `write(to:)`, or a publisher in another language, has written.
    ///
    /// - Throws: `EventError` coded `.invalidData` if a member is missing or of the wrong kind; the event then counts as
    ///   failed.
    static func read(from json: JSONSlice) throws -> Self
}
