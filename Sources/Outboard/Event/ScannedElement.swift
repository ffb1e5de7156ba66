/// One element of a message as the scanner saw it: an event, or why it is none. Valid only while it is handed out.
package struct ScannedElement {
    /// Why an element has no number that could be believed.
    package enum Malformed: String, CustomStringConvertible {
        case notJSON = "not JSON"
        case notAnObject = "not a JSON object"
        case specversion = "specversion is not \"1.0\""
        case source = "source is absent or not a text"
        case type = "type is absent or not a text"
        case id = "id is not a number from 1 below 2^53, written as text"

        package var description: String { rawValue }
    }

    /// Why an event that has its number cannot be handled.
    package enum Unusable: String, CustomStringConvertible {
        case time = "time is absent or not RFC 3339"
        case data = "data is absent or not a JSON object"
        case contentType = "datacontenttype is not application/json"

        package var description: String { rawValue }
    }

    /// The element's own bytes.
    package let bytes: UnsafeRawBufferPointer
    package internal(set) var malformed: Malformed?
    package internal(set) var unusable: Unusable?
    package internal(set) var source = UnsafeRawBufferPointer(start: nil, count: 0)
    package internal(set) var type = UnsafeRawBufferPointer(start: nil, count: 0)
    package internal(set) var id: UInt64 = 0
    package internal(set) var time: Timestamp?
    /// Places of values inside `bytes`.
    var dataRange = 0..<0
    var keyText: JSONCursor.Text?
    var traceText: JSONCursor.Text?

    /// The bytes of `data`.
    package var data: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[dataRange]) }
    package var partitionKey: String? { text(keyText) }
    package var traceparent: String? { text(traceText) }

    private func text(_ text: JSONCursor.Text?) -> String? {
        text.map {
            JSONText.string(UnsafeRawBufferPointer(rebasing: bytes[$0.start..<$0.end]), hasEscapes: $0.hasEscapes)
        }
    }

    /// Makes the event that a handler gets.
    ///
    /// - Parameter slice: A copy of `bytes` that may outlive this element.
    package func makeEvent<Payload: EventPayload>(
        of _: Payload.Type, in slice: ByteSlice
    ) throws -> Event<Payload> {
        guard let time else { throw EventError.invalidMember("time") }
        return Event(
            id: id, time: time, wire: .init(slice: slice, source: String(decoding: source, as: UTF8.self)),
            key: keyText, trace: traceText, data: try Payload.read(from: JSONSlice(slice: slice[dataRange])))
    }
}
