import Foundation
import Testing

@testable import Outboard

@Suite("Event writer: CloudEvents in one order")
struct EventWriterTests {
    struct Order: EventPayload, Equatable {
        static let eventType = "order.placed"
        var number: Int
        var total: Double = 0
        var placed: Date?
        var note: String?
    }

    struct Numbers: EventPayload {
        static let eventType = "numbers"
        var numbers: [Int]
        init(from decoder: any Decoder) throws { numbers = try [Int](from: decoder) }
        init(_ numbers: [Int]) { self.numbers = numbers }
        func encode(to encoder: any Encoder) throws { try numbers.encode(to: encoder) }
    }

    private let time = Timestamp(microseconds: 1_795_216_542_000_117)

    private func write(
        _ payload: some EventPayload, id: UInt64 = 1, key: String? = nil, traceparent: String? = nil
    ) throws -> String {
        var writer = EventWriter()
        try writer.write(
            payload, template: template(payload), id: id, time: time, key: key, traceparent: traceparent)
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private func template<Payload: EventPayload>(_: Payload) throws -> EventTemplate {
        try EventTemplate(publisher: "core-1", type: Payload.eventType, lane: 7)
    }

    @Test("writes the attributes in their order")
    func order() throws {
        let head =
            #"{"specversion":"1.0","source":"/core-1/order.placed/7","id":"9007199254740991","type":"order.placed","#
        let time = #""time":"2026-11-20T23:15:42.000117Z","datacontenttype":"application/json","#
        #expect(
            try write(Order(number: 7), id: 1 << 53 - 1).hasPrefix(head + time + #""data":{"#))
        let extended = try write(Order(number: 7), id: 1 << 53 - 1, key: "é\"\\\n", traceparent: "00-ab-cd-01")
        #expect(extended.hasPrefix(head + time + #""partitionkey":"é\"\\\n","traceparent":"00-ab-cd-01","data":{"#))
    }

    @Test("what it writes, the scanner reads", arguments: [nil, "", "customer-42", "\u{0}\u{1F}\"\\/é😀", "\u{7F}"])
    func roundTrip(key: String?) throws {
        let order = Order(number: 7, total: 1.5, placed: Date(timeIntervalSince1970: 1.25), note: key)
        let received = try event(write(order, id: 3, key: key, traceparent: key), of: Order.self)
        #expect(received.data == order)
        #expect(received.id == 3)
        #expect(received.time == time)
        #expect(received.source == "/core-1/order.placed/7")
        #expect(received.type == "order.placed")
        #expect(received.partitionKey == key)
        #expect(received.traceparent == key)
    }

    @Test("writes dates as RFC 3339 with microseconds")
    func dates() throws {
        let text = try write(Order(number: 7, placed: Date(timeIntervalSince1970: 1.25)))
        #expect(text.contains(#""1970-01-01T00:00:01.250000Z""#))
    }

    @Test("escapes each character that JSON cannot hold, at every place")
    func escapes() throws {
        for scalar in (0..<0x100).compactMap({ Unicode.Scalar($0) }) {
            // Text is copied by words of eight bytes, and what is left over by one that is not full.
            for (place, rest) in (0..<18).flatMap({ place in [0, 1, 2, 3, 4, 6, 7, 12].map { (place, $0) } }) {
                let text =
                    String(repeating: "x", count: place) + String(scalar) + String(repeating: "y", count: rest)
                var json = JSONWriter()
                json.string(text)
                let bytes = json.withBytes { Array($0) }
                #expect(JSONGrammarTests.isJSON(bytes))
                let read = try JSONDecoder().decode(String.self, from: Data(bytes))
                #expect(read == text)
            }
        }
    }

    @Test("grows while it escapes")
    func grows() throws {
        let text = String(repeating: "\u{1}", count: 100_000)
        var json = JSONWriter()
        json.string(text)
        #expect(json.count == 600_002)
        #expect(try JSONDecoder().decode(String.self, from: json.withBytes { Data($0) }) == text)
    }

    @Test("keeps commas right in nested objects")
    func members() throws {
        var json = JSONWriter()
        json.beginObject()
        json.name("empty")
        json.object([:])
        json.member("minimum", Int.min)
        json.member("maximum", Int.max)
        json.member("nothing", nil)
        json.name("inner")
        json.beginObject()
        json.member("yes", true)
        try json.member("half", 0.5)
        json.endObject()
        json.member("brace", "{")
        json.member("quote\"", "")
        json.endObject()
        #expect(
            json.withBytes { String(decoding: $0, as: UTF8.self) }
                == #"{"empty":{},"minimum":-9223372036854775808,"maximum":9223372036854775807,"nothing":null,"#
                + #""inner":{"yes":true,"half":0.5},"brace":"{","quote\"":""}"#)
        #expect(throws: EventError.self) { try json.member("bad", Double.nan) }
    }

    @Test("refuses a number that JSON cannot say", arguments: [Double.nan, .infinity, -.infinity])
    func infinite(total: Double) {
        let error = #expect(throws: EventError.self) { try write(Order(number: 1, total: total)) }
        #expect(error?.code == .notEncodable)
        #expect(error?.description.contains("total") == true)
    }

    @Test("refuses a payload that is no object")
    func notAnObject() {
        let error = #expect(throws: EventError.self) { try write(Numbers([1])) }
        #expect(error?.code == .notEncodable)
    }

    @Test("refuses an event over 1 MiB, keeps its memory bounded, and goes on")
    func size() throws {
        var writer = EventWriter()
        let template = try EventTemplate(publisher: "core-1", type: HTTPRequest.eventType, lane: 0)
        func request(_ count: Int) -> HTTPRequest {
            HTTPRequest(method: "GET", path: String(repeating: "x", count: count), status: 200, requestID: "1")
        }
        func write(_ count: Int, into writer: inout EventWriter) throws -> Int {
            try writer.write(request(count), template: template, id: 1, time: time, key: nil, traceparent: nil)
            return writer.withBytes { $0.count }
        }
        let frame = try write(0, into: &writer)
        #expect(try write(1 << 20 - frame, into: &writer) == 1 << 20)
        for count in [1 << 20 - frame + 1, 1 << 20 + 50_000, 1 << 24] {
            let error = #expect(throws: EventError.self) { try write(count, into: &writer) }
            #expect(error?.code == .tooLarge)
        }
        #expect(try write(0, into: &writer) == frame)
    }

    @Test("writes data that was encoded before as if it were written at once")
    func encodedBefore() throws {
        let request = HTTPRequest(method: "GET", path: "/", status: 200, requestID: "1")
        let template = try EventTemplate(publisher: "core-1", type: HTTPRequest.eventType, lane: 7)
        var writer = EventWriter()
        try writer.encodeData(request)
        let data = writer.withBytes { Array($0) }
        try data.withUnsafeBytes { try writer.write(data: $0, template: template, id: 1, time: time, key: "k") }
        let late = writer.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(try late == write(request, key: "k"))
    }

    @Test("writes an event again under another name, everything else as it was")
    func rewrite() throws {
        let request = HTTPRequest(method: "GET", path: "/é", status: 200, requestID: "1")
        let old = try write(request, id: 8, key: "a\nb", traceparent: "t")
        var writer = EventWriter()
        let template = try EventTemplate(publisher: "core-2", type: HTTPRequest.eventType, lane: 7)
        try Array(old.utf8).withUnsafeBytes { try writer.rewrite($0, template: template, id: 1) }
        let new = writer.withBytes { String(decoding: $0, as: UTF8.self) }
        #expect(new == old.replacing("core-1", with: "core-2").replacing(#""id":"8""#, with: #""id":"1""#))
        #expect(throws: EventError.self) {
            try Array("{}".utf8).withUnsafeBytes { try writer.rewrite($0, template: template, id: 1) }
        }
    }
}
