import Outboard
import Testing

@testable import OutboardCLI
@testable import OutboardRedis

@Suite("Events that are shown")
struct EventLineTests {
    static func message(_ data: String, type: String = "http.request", id: Int = 17) -> String {
        #"{"specversion":"1.0","source":"/core-1/\#(type)/3","id":"\#(id)","type":"\#(type)","#
            + #""time":"2026-11-20T23:15:42.117000Z","data":\#(data)}"#
    }
    private static let hello = message(
        #"{"method":"GET","path":"/hello","status":200,"duration_us":1234,"request_id":"r-1"}"#)

    private func events(_ text: String) -> [HeardEvent] {
        HeardEvent.events(in: Array(text.utf8), channel: "outboard:events:http.request:3")
    }

    @Test("a request is one line: time, type, method, path, status, duration, source and number")
    func request() {
        let lines = events(Self.hello).map(EventLine(isColoured: false).text)
        #expect(lines == ["23:15:42.117 http.request GET /hello 200 1.2 ms  /core-1/http.request/3 17"])
        let narrow = events(Self.hello).map(EventLine(isColoured: false, width: 70).text)
        #expect(narrow == ["23:15:42.117 http.request GET /hello 200 1.2 ms  core-1/3 17"])
    }

    @Test(
        "colours follow the status, and only where they are wanted",
        arguments: [(200, 32), (301, 36), (404, 33), (503, 31)])
    func colours(status: Int, colour: Int) {
        let text = Self.message(#"{"method":"GET","path":"/","status":\#(status)}"#)
        let line = events(text).map(EventLine(isColoured: true).text).first
        #expect(line?.contains("\u{1B}[\(colour)m\(status)\u{1B}[0m") == true)
        #expect(events(text).map(EventLine(isColoured: false).text).first?.contains("\u{1B}") == false)
    }

    @Test("any other type shows its data; an array is several events")
    func others() {
        let order = Self.message("{\"id\":\n7}", type: "order.placed")
        let found = events("[\(order),\(Self.hello)]")
        #expect(found.map(\.id) == [17, 17])
        #expect(
            EventLine(isColoured: false).text(found[0])
                == #"23:15:42.117 order.placed {"id": 7}  /core-1/order.placed/3 17"#)
        #expect(!found[0].json.contains("\n"))
    }

    @Test("malformed and unusable ones are shown as such, control characters as numbers")
    func problems() {
        let lines = events("no json").map(EventLine(isColoured: false).text)
        #expect(lines.first?.hasPrefix("outboard:events:http.request:3 malformed: it is not JSON") == true)
        let odd = events(Self.message("[1]")).map(EventLine(isColoured: false).text)
        #expect(odd.first?.hasSuffix("17  cannot be handled: 'data' is not a JSON object") == true)
        let planted = events(Self.message(#"{"method":"GET","path":"/\u001b[2J","status":200}"#))
        #expect(planted.map(EventLine(isColoured: false).text).first?.contains(#"/\u{1b}[2J"#) == true)
    }

    @Test("filters know paths with a star, one status and classes of them")
    func filters() {
        func matches(_ filter: EventFilter, _ text: String = Self.hello) -> Bool {
            events(text).allSatisfy(filter.matches)
        }
        #expect(matches(EventFilter()))
        #expect(matches(EventFilter(path: EventFilter.path("/hello"))))
        #expect(matches(EventFilter(path: EventFilter.path("/he*"))))
        #expect(!matches(EventFilter(path: EventFilter.path("/he"))))
        #expect(matches(EventFilter(status: .exactly(200))))
        #expect(matches(EventFilter(status: .hundreds(2))))
        #expect(!matches(EventFilter(status: .hundreds(5))))
        #expect(!matches(EventFilter(status: .hundreds(2)), Self.message("{}", type: "order.placed")))
        #expect(!matches(EventFilter(heardTypes: ["http.request"])))
        #expect(matches(EventFilter(heardTypes: ["order.placed"])))
        #expect(EventFilter.status("5xx") == .hundreds(5))
        #expect(EventFilter.status("5XX") == .hundreds(5))
        #expect(EventFilter.status("404") == .exactly(404))
        for wrong in ["", "xx", "0xx", "99", "5x", "abc"] { #expect(EventFilter.status(wrong) == nil) }
    }
}
