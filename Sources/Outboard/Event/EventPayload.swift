/// What an event carries in its `data` attribute: a JSON object whose schema is named by `eventType`.
///
/// Any `Codable` struct will do; Foundation's coders write and read it. A payload on a hot path may write and read
/// itself instead, as `HTTPRequest` does.
public protocol EventPayload: Codable, Sendable {
    /// The CloudEvents `type`: `[a-z0-9][a-z0-9.-]{0,63}`, for example `order.placed`.
    static var eventType: String { get }
}
