import Testing

@testable import Outboard

@Suite("Event source: /<publisher>/<type>/<lane>")
struct EventSourceTests {
    @Test("takes a source apart")
    func parts() throws {
        let source = try #require(EventSource("/core-0123456789abcdef/http.request/17"))
        #expect(source.publisher == "core-0123456789abcdef")
        #expect(source.type == "http.request")
        #expect(source.lane == 17)
        let longest = "/" + String(repeating: "a", count: 64) + "/" + String(repeating: "b", count: 64) + "/0"
        #expect(EventSource(longest)?.lane == 0)
    }

    @Test(
        "refuses every other form",
        arguments: [
            "", "/", "//", "///", "/a/b", "/a/b/", "/a//0", "//b/0", "a/b/0", "/a/b/0/", "/a/b/0/c", "/A/b/0", "/a/B/0",
            "/a_b/c/0", "/a.b/c/0", "/a/.b/0", "/a/-b/0", "/a/b_c/0", "/a/b/00", "/a/b/01", "/a/b/-1", "/a/b/+1",
            "/a/b/x",
            "/a/b/1e1", "/a/b/99999999999999999999", "/a/b/ 1", "/é/b/0", "/a/b/١", "/a\u{0}/b/0",
            "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/b/0",
        ])
    func refuses(text: String) {
        #expect(EventSource(text) == nil)
    }

    @Test("a template is made only of a publisher and a type of the form")
    func template() throws {
        _ = try EventTemplate(publisher: "core-1", type: "order.placed", lane: 0)
        for type in ["", "Order", ".a", "-a", "a b", "a/b", "a\"", String(repeating: "a", count: 65)] {
            let error = #expect(throws: EventError.self) { try EventTemplate(publisher: "core-1", type: type, lane: 0) }
            #expect(error?.code == .invalidType)
        }
        for publisher in ["", "Core", "a.b", "a/b", "a\"", String(repeating: "a", count: 65)] {
            let error = #expect(throws: EventError.self) { try EventTemplate(publisher: publisher, type: "a", lane: 0) }
            #expect(error?.code == .invalidPublisher)
        }
    }
}
