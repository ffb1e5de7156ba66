import Testing

@testable import Outboard

@Suite("The head of a message")
struct MessageHeadTests {
    private static func head(_ text: String) -> (source: String, first: UInt64, last: UInt64)? {
        var text = text
        return text.withUTF8 { bytes in
            MessageHead(UnsafeRawBufferPointer(bytes)).map {
                (String(decoding: $0.source, as: UTF8.self), $0.first, $0.last)
            }
        }
    }

    private static func event(_ id: UInt64, source: String = "/core-1/t/3", data: String = "{}") -> String {
        #"{"specversion":"1.0","source":"\#(source)","id":"\#(id)","type":"t","data":\#(data)}"#
    }

    @Test("one event")
    func single() throws {
        let head = try #require(Self.head(Self.event(41)))
        #expect(head == ("/core-1/t/3", 41, 41))
    }

    @Test("an array: the first and the last number")
    func array() throws {
        let text = "[" + (8...12).map { Self.event($0) }.joined(separator: ",") + "]"
        #expect(try #require(Self.head(text)) == ("/core-1/t/3", 8, 12))
    }

    @Test("texts inside of data cannot look like an event")
    func texts() throws {
        let quoted = #"{"path":"{\"specversion\":\"1.0\",\"source\":\"/core-1/t/3\",\"id\":\"99\""}"#
        let text = "[" + [Self.event(8), Self.event(9, data: quoted)].joined(separator: ",") + "]"
        #expect(try #require(Self.head(text)) == ("/core-1/t/3", 8, 9))
    }

    @Test(
        "whatever is written otherwise is left to the scanner",
        arguments: [
            "", "[", "[]", "{}", "null", #"{"source":"/a/t/1","id":"1","specversion":"1.0"}"#,
            #"{"specversion":"1.0","source":"/a/t/1","id":"0","#, #"{"specversion":"1.0","source":"/a/t/1","id":"x","#,
            #"{"specversion":"1.0","source":"/a/t/1","id":"12"#, #"{"specversion":"1.0","source":"/a\/t/1","id":"1","#,
            #"{"specversion":"1.0","source":"/a/t/1","id":"12345678901234567","#,
            #"{"specversion": "1.0","source":"/a/t/1","id":"1","#,
            // Numbers that fall, or that are further apart than the message is long.
            #"[{"specversion":"1.0","source":"/a/t/1","id":"9"},{"specversion":"1.0","source":"/a/t/1","id":"8"}]"#,
            #"[{"specversion":"1.0","source":"/a/t/1","id":"9"},{"specversion":"1.0","source":"/a/t/1","id":"99"}]"#,
        ])
    func others(text: String) {
        #expect(Self.head(text) == nil)
    }

    @Test("says of everything the writer writes what the scanner says", arguments: UInt64(0)..<200)
    func agrees(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let first = UInt64.random(in: 1...1_000_000, using: &generator)
        let count = UInt64.random(in: 1...64, using: &generator)
        let events = (first..<first + count).map { id in
            Self.event(id, data: #"{"n":\#(UInt64.random(in: 0...UInt64.max, using: &generator))}"#)
        }
        var text = count == 1 ? events[0] : "[" + events.joined(separator: ",") + "]"
        var scanned: [UInt64] = []
        text.withUTF8 { bytes in
            EventScanner.scan(UnsafeRawBufferPointer(bytes)) { if $0.malformed == nil { scanned.append($0.id) } }
        }
        let head = try #require(Self.head(text))
        #expect(head.first == scanned.first)
        #expect(head.last == scanned.last)
    }
}
