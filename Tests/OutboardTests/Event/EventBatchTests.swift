import Testing

@testable import Outboard

@Suite("Event scanner: arrays")
struct EventBatchTests {
    private func good(_ id: Int) -> String { EventText().with("id", "\"\(id)\"").text }

    @Test("hands out the elements in order, each with its own bytes")
    func order() {
        let events = (1...100).map(good)
        let found = verdicts("[" + events.joined(separator: ",") + "]")
        #expect(found.map(\.id) == (1...100).map { UInt64($0) })
        #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == events)
    }

    @Test("an empty array holds no event", arguments: ["[]", " [ ] ", "[\n]"])
    func empty(text: String) {
        #expect(verdicts(text).isEmpty)
    }

    @Test(
        "an element that is no event leaves the others alone",
        arguments: [
            ("1", Malformation.notAnObject), ("null", .notAnObject), ("[]", .notAnObject), ("[{}]", .notAnObject),
            ("\"x\"", .notAnObject), ("{}", .specversion), (#"{"specversion":"1.0"}"#, .type),
        ])
    func badElement(element: String, reason: Malformation) {
        let found = verdicts("[\(good(1)),\(element),\(good(3))]")
        #expect(found.map(\.malformed) == [nil, reason, nil])
        #expect(found.map(\.id) == [1, 0, 3])
    }

    @Test(
        "what is not JSON ends the array: the elements before count, the rest is one malformed element",
        arguments: [
            "[A,B", "[A,B,", "[A,B,]", "[A,B}", "[A,B]x", "[A,B][]", "[A,B x", "[A,B,,A]", "[A,B,{]",
            "[A,B,{\"a\":01},A]",
            "[A,B B]", "[A,B,\u{1}]",
        ])
    func broken(pattern: String) {
        let text = pattern.replacing("A", with: good(1)).replacing("B", with: good(2))
        let found = verdicts(text)
        #expect(found.map(\.id) == [1, 2, 0], "\(pattern)")
        #expect(found.map(\.malformed) == [nil, nil, .notJSON], "\(pattern)")
    }

    @Test("an array that is cut anywhere keeps the whole elements before the cut")
    func truncated() {
        let events = (1...3).map(good)
        let bytes = Array(("[" + events.joined(separator: ",") + "]").utf8)
        var ends: [Int] = []
        var end = 0
        for event in events {
            end += 1 + event.utf8.count
            ends.append(end)
        }
        for count in 0..<bytes.count {
            let found = verdicts(Array(bytes[..<count]))
            #expect(
                found.dropLast().map(\.id) == (1...3).filter { ends[$0 - 1] <= count }.map { UInt64($0) }, "\(count)")
            #expect(found.last?.malformed == .notJSON, "\(count)")
        }
    }

    @Test("a kept element reads as it did in its message")
    func kept() throws {
        let message = Array("[ \(good(1)) ,\n\(good(2)) ]".utf8)
        let chunk = ByteChunk(capacity: 4_096)
        var kept: [ByteSlice] = []
        message.withUnsafeBytes { message in
            EventScanner.scan(message) { element in
                if let slice = chunk.append(element.bytes) { kept.append(slice) }
            }
        }
        #expect(kept.count == 2)
        for (index, slice) in kept.enumerated() {
            try EventScanner.withElement(in: slice) { element in
                #expect(element.id == UInt64(index + 1))
                let event = try element.makeEvent(of: HTTPRequest.self, in: slice)
                #expect(event.data.status == 200)
            }
        }
    }
}
