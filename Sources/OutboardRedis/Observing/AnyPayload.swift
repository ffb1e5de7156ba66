import Outboard

/// The data of an event of any type, as it stands in the message.
struct AnyPayload: EventPayload {
    static let eventType = "any"

    let text: String

    static func read(from json: JSONSlice) throws -> AnyPayload {
        AnyPayload(text: json.withBytes { String(decoding: $0, as: UTF8.self) }.replacing("\n", with: " "))
    }
}
