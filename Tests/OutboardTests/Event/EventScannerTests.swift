import Testing

@testable import Outboard

@Suite("Event scanner: what is an event and what is not")
struct EventScannerTests {
    private let good = EventText()

    @Test("reads an event as a publisher writes it")
    func plain() throws {
        let verdict = try #require(verdicts(good.text).first)
        #expect(
            verdict
                == Verdict(
                    source: "/core-1/http.request/7", type: "http.request", id: 42,
                    time: Timestamp("2026-11-20T23:15:42.000117Z"), bytes: Array(good.text.utf8)))
    }

    @Test("takes attributes in every order")
    func everyOrder() {
        let expected = verdicts(good.text).map { unplaced($0) }
        var members = good.members
        var orders = 0
        func permute(_ count: Int) {
            guard count > 1 else {
                orders += 1
                #expect(verdicts(EventText(members: members).text).map { unplaced($0) } == expected)
                return
            }
            for index in 0..<count {
                permute(count - 1)
                members.swapAt(count % 2 == 0 ? index : 0, count - 1)
            }
        }
        permute(members.count)
        #expect(orders == 5_040)
    }

    @Test("passes over attributes that it does not know, whatever they hold")
    func unknownAttributes() {
        let expected = verdicts(good.text).map { unplaced($0) }
        for value in ["1", "null", #""x""#, #"{"id":"9","data":[{}]}"#, "[[1],2]"] {
            let extended = EventText(members: [("idx", value)] + good.members + [("Data", value), ("", value)])
            #expect(verdicts(extended.text).map { unplaced($0) } == expected)
        }
    }

    @Test("allows whitespace wherever JSON does")
    func whitespace() {
        let expected = verdicts(good.text).map { unplaced($0) }
        let space = " \t\r\n"
        let members = good.members.map { "\(space)\"\($0.name)\"\(space):\(space)\($0.value)\(space)" }
        let text = "\(space){" + members.joined(separator: ",") + "}\(space)"
        #expect(verdicts(text).map { unplaced($0) } == expected)
        #expect(
            verdicts("\(space)[\(space)\(text)\(space),\(space)\(text)]\(space)").map { unplaced($0) } == expected
                + expected)
    }

    @Test("undoes escapes in names and values")
    func escapes() {
        let expected = verdicts(good.text).map { unplaced($0) }
        let escaped = EventText(
            members: good.members.map { name, value in
                let name = name.replacing("c", with: #"\u0063"#).replacing("t", with: #"\u0074"#)
                    .replacing("i", with: #"\u0069"#)
                guard name != "data", !value.hasPrefix("{") else { return (name, value) }
                return (
                    name,
                    value.replacing("/", with: #"\/"#).replacing("1", with: #"\u0031"#)
                        .replacing("4", with: #"\u0034"#).replacing("o", with: #"\u006F"#)
                )
            })
        #expect(escaped.text.contains(#"sour\u0063e"#))
        #expect(verdicts(escaped.text).map { unplaced($0) } == expected)
    }

    @Test("takes the last of attributes that come twice")
    func duplicates() {
        let twice = EventText(members: [("id", "7"), ("data", "[]")] + good.members)
        #expect(verdicts(twice.text).map { unplaced($0) } == verdicts(good.text).map { unplaced($0) })
        let spoilt = EventText(members: good.members + [("id", "7")])
        #expect(verdicts(spoilt.text) == [Verdict(malformed: .id)])
        let unusable = EventText(members: good.members + [("data", "7")])
        #expect(verdicts(unusable.text).map(\.unusable) == [.data])
    }

    @Test(
        "accepts ids from 1 to 2^53 - 1",
        arguments: [1, 9, 10, 4_096, 9_007_199_254_740_990, 9_007_199_254_740_991] as [UInt64])
    func ids(id: UInt64) {
        #expect(verdicts(good.with("id", "\"\(id)\"").text).map(\.id) == [id])
    }

    @Test(
        "refuses every other id",
        arguments: [
            nil, "null", "42", "42.0", "true", "{}", "[]", #""""#, #""0""#, #""01""#, #""-1""#, #""+1""#, #"" 1""#,
            #""1 ""#,
            #""1.0""#, #""1e3""#, #""9007199254740992""#, #""9999999999999999""#, #""10000000000000000""#,
            #""18446744073709551617""#, #""١""#, #""4\u00002""#,
        ])
    func wrongIDs(value: String?) {
        #expect(verdicts(good.with("id", value).text) == [Verdict(malformed: .id)])
    }

    @Test("refuses another specversion", arguments: [nil, "1.0", "null", #""1""#, #""1.00""#, #""0.3""#, #""""#])
    func specversion(value: String?) {
        #expect(verdicts(good.with("specversion", value).text) == [Verdict(malformed: .specversion)])
    }

    @Test("refuses a source or type that is not text", arguments: [nil, "null", "1", "{}", "[\"/a/b/0\"]", "true"])
    func kinds(value: String?) {
        #expect(verdicts(good.with("source", value).text) == [Verdict(malformed: .source)])
        #expect(verdicts(good.with("type", value).text) == [Verdict(malformed: .type)])
    }

    @Test(
        "an event with its number that cannot be handled is unusable, not malformed",
        arguments: [
            ("time", nil, Unusability.time), ("time", "null", .time), ("time", "1", .time),
            ("time", #""yesterday""#, .time),
            ("time", #""2026-02-30T00:00:00Z""#, .time), ("data", nil, .data), ("data", "null", .data),
            ("data", "[]", .data), ("data", "1", .data), ("data", #""{}""#, .data),
            ("datacontenttype", #""text/plain""#, .dataContentType), ("datacontenttype", "1", .dataContentType),
            ("datacontenttype", #""""#, .dataContentType), ("partitionkey", "1", .partitionKey),
            ("partitionkey", "{}", .partitionKey), ("traceparent", "[]", .traceparent),
        ] as [(String, String?, Unusability)])
    func unusable(name: String, value: String?, reason: Unusability) {
        let verdict = verdicts(good.with(name, value).text)
        #expect(verdict.map(\.malformed) == [nil])
        #expect(verdict.map(\.unusable) == [reason])
        #expect(verdict.map(\.id) == [42])
    }

    @Test(
        "takes an optional attribute that is absent or null",
        arguments: ["datacontenttype", "partitionkey", "traceparent"])
    func optional(name: String) {
        for value in [nil, "null"] { #expect(verdicts(good.with(name, value).text).map(\.unusable) == [nil]) }
    }

    @Test("what is not one object or array is one malformed element")
    func notEvents() {
        for text in ["", " ", "x", "{", "}", "{}{}", good.text + "x", good.text + good.text, "\u{FEFF}" + good.text] {
            #expect(verdicts(text) == [Verdict(malformed: .notJSON)], "\(text)")
        }
        for text in ["1", "null", "\"text\"", "true", " -1.5e3 "] {
            #expect(verdicts(text) == [Verdict(malformed: .notAnObject)], "\(text)")
        }
        #expect(verdicts("{}") == [Verdict(malformed: .specversion)])
    }

    @Test("judges an event by itself: over 1 MiB is malformed, 1 MiB is not")
    func size() {
        let frame = good.with("padding", "\"\"").text.utf8.count
        func padded(_ count: Int) -> String {
            good.with("padding", "\"" + String(repeating: "x", count: count - frame) + "\"").text
        }
        #expect(verdicts(padded(1 << 20)).map(\.malformed) == [nil])
        #expect(verdicts(padded(1 << 20 + 1)) == [Verdict(malformed: .tooLarge)])
        #expect(
            verdicts("[\(good.text),\(padded(1 << 20 + 1)),\(good.text)]").map(\.malformed) == [nil, .tooLarge, nil])
    }

    @Test("counts nesting from the event: 128 containers, itself included")
    func nesting() {
        func nested(_ depth: Int) -> String {
            good.with(
                "data", "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
            ).text
        }
        #expect(verdicts(nested(126)).map(\.malformed) == [nil])
        #expect(verdicts(nested(127)) == [Verdict(malformed: .notJSON)])
        #expect(verdicts([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)) == [Verdict(malformed: .notJSON)])
    }

    @Test("an event that is cut anywhere is one malformed element")
    func truncated() {
        let bytes = Array(good.with("partitionkey", #""é😀\n""#).text.utf8)
        for count in bytes.indices { #expect(verdicts(Array(bytes[..<count])) == [Verdict(malformed: .notJSON)]) }
    }

    /// A verdict without the element's bytes, which differ where the writing does.
    private func unplaced(_ verdict: Verdict) -> Verdict {
        var verdict = verdict
        verdict.bytes = []
        return verdict
    }
}
