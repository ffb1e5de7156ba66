import Outboard

/// The same request each time, in an event of some 300 bytes.
enum SampleRequest {
    static let time = Timestamp.now
    static let request = HTTPRequest(
        method: "GET", path: "/users/4711", route: "/users/:id", status: 200, durationMicroseconds: 431,
        requestBytes: 0, responseBytes: 10, requestID: "7c9e6679")

    static func event(_ publisher: String, lane: Int, id: UInt64) throws -> [UInt8] {
        let template = try EventTemplate(publisher: publisher, type: HTTPRequest.eventType, lane: lane)
        var writer = EventWriter()
        try writer.write(request, template: template, id: id, time: time)
        return writer.withBytes { Array($0) }
    }

    /// An event whose number is changed in place; the digits of smaller numbers move the rest to the front once.
    struct Message {
        private(set) var bytes: [UInt8]
        private let head: [UInt8]
        private let tail: [UInt8]

        init(head: [UInt8], tail: [UInt8]) {
            (self.head, self.tail) = (head, tail)
            bytes = head + tail
        }

        mutating func setID(_ id: UInt64) {
            bytes.replaceSubrange(head.count..<bytes.count - tail.count, with: String(id).utf8)
        }
    }

    static func message(_ publisher: String, lane: Int) throws -> Message {
        let event = try event(publisher, lane: lane, id: 1_000_000)
        let mark = Array("\"id\":\"1000000".utf8)
        guard let place = event.firstRange(of: mark) else { fatalError("an event says its number") }
        return Message(head: Array(event[..<(place.upperBound - 7)]), tail: Array(event[place.upperBound...]))
    }
}

/// What `Services/RequestCounter` counts, which is a program and cannot be imported.
struct RequestCounting: Plugin {
    static let manifest = Manifest(name: "request-counter", version: "1.0.0", summary: "Counts requests.")

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        effects.increment("requests")
        effects.increment("status", field: event.data.status)
        effects.increment("method", field: event.data.method)
        effects.increment("route", field: event.data.route ?? "(unmatched)")
        effects.increment("requests", per: .minute)
    }
}
