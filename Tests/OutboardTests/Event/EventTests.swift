import Foundation
import Testing

@testable import Outboard

@Suite("Event: what a handler sees")
struct EventTests {
    struct Order: EventPayload, Equatable {
        static let eventType = "order.placed"
        var number: Int
        var items: [String: Int] = [:]
    }

    /// A payload that reads and writes itself.
    struct Tick: EventPayload, Equatable {
        static let eventType = "tick"
        var number: Int
        func write(to json: inout JSONWriter) {
            json.beginObject()
            json.member("number", number)
            json.endObject()
        }
        static func read(from json: JSONSlice) throws -> Tick {
            guard let number = try json.integer("number") else { throw EventError.missingMember("number") }
            return Tick(number: number)
        }
    }

    /// A payload whose writer is wrong.
    struct Broken: EventPayload {
        static let eventType = "broken"
        func write(to json: inout JSONWriter) { json.null() }
    }

    @Test("has defaults for tests of a plugin")
    func defaults() {
        let event = Event(Order(number: 7))
        #expect(event.id == 1)
        #expect(EventSource(event.source)?.type == "order.placed")
        #expect(event.type == "order.placed")
        #expect(event.partitionKey == nil)
        #expect(event.traceparent == nil)
        #expect(event.data == Order(number: 7))
    }

    @Test("an unusable event is not made", arguments: ["time", "data"])
    func unusable(name: String) throws {
        let error = #expect(throws: EventError.self) {
            try event(EventText().with(name, nil).text, of: HTTPRequest.self)
        }
        #expect(error?.code == .unusable)
        #expect(error?.description.contains("'\(name)'") == true)
    }

    @Test("an error of Foundation's coder tells the place and not the content")
    func placeOfError() throws {
        let text = EventText().with("data", #"{"number":7,"items":{"a":"secret"}}"#).text
        let error = #expect(throws: EventError.self) { try event(text, of: Order.self) }
        #expect(error?.code == .invalidData)
        #expect(error?.description.contains("items.a") == true)
        #expect(error?.description.contains("secret") == false)
        #expect(error?.underlying is DecodingError)
    }

    @Test("a payload may read and write itself")
    func ownCoding() throws {
        var writer = EventWriter()
        let template = try EventTemplate(publisher: "core-1", type: Tick.eventType, lane: 0)
        try writer.write(Tick(number: 7), template: template, id: 1, time: .now, key: nil, traceparent: nil)
        let text = writer.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(try event(text, of: Tick.self).data == Tick(number: 7))
    }

    @Test("a payload that writes no object is refused")
    func brokenWriter() throws {
        var writer = EventWriter()
        let template = try EventTemplate(publisher: "core-1", type: Broken.eventType, lane: 0)
        let error = #expect(throws: EventError.self) {
            try writer.write(Broken(), template: template, id: 1, time: .now, key: nil, traceparent: nil)
        }
        #expect(error?.code == .notEncodable)
    }

    @Test("keeps what it came in alive")
    func outlives() throws {
        let received = try event(EventText().with("partitionkey", #""k\u0065y""#).text, of: HTTPRequest.self)
        #expect(received.partitionKey == "key")
        #expect(received.source == "/core-1/http.request/7")
        #expect(received.data.method == "GET")
    }
}
