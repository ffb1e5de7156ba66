package import Outboard

/// One element of a message as somebody who only listens sees it.
package struct HeardEvent: Sendable {
    /// From the channel, also where the element is malformed.
    package let channel: String
    package let type: String
    package let source: String
    package let id: UInt64
    package let time: Timestamp
    /// The data as JSON in one line; nil if it is no object.
    package let data: String?
    /// Nil unless the type is `http.request`.
    package let request: HTTPRequest?
    /// The element in one line, as it came.
    package let json: String
    /// Why no plugin will count it; nil if it is well.
    package let problem: String?

    /// All elements of a message, in order.
    package static func events(in message: [UInt8], channel: String) -> [HeardEvent] {
        var events: [HeardEvent] = []
        message.withUnsafeBytes { bytes in
            EventScanner.scan(bytes) { events.append(HeardEvent($0, channel: channel)) }
        }
        return events
    }

    private init(_ element: borrowing ScannedElement, channel: String) {
        // Inside of a string JSON has no line breaks; between values they mean nothing.
        let json = String(decoding: element.bytes, as: UTF8.self).replacing("\n", with: " ")
        self.channel = channel
        self.json = json.replacing("\r", with: " ")
        if let malformed = element.malformed {
            (type, source, id, time, data, request) = ("", "", 0, .earliest, nil, nil)
            problem = "malformed: \(malformed)"
            return
        }
        type = String(decoding: element.type, as: UTF8.self)
        source = String(decoding: element.source, as: UTF8.self)
        id = element.id
        time = element.time
        let slice = ByteSlice(copying: element.bytes)
        // What cannot be made of it is no reason to hide the event; plugins say what they miss in it.
        data = try? element.makeEvent(of: AnyPayload.self, in: slice).data.text
        request = type == HTTPRequest.eventType ? try? element.makeEvent(of: HTTPRequest.self, in: slice).data : nil
        problem = element.unusable.map { "cannot be handled: \($0)" }
    }
}
