import Testing

@testable import Outboard

@Suite("JSON slice: an object read where it lies")
struct JSONSliceTests {
    private let json = JSONSlice(
        slice: slice(
            #"{"text":"é\n\uD83D\uDE00","lone":"\uD83Dx","n":-12,"d":2.5e1,"yes":true,"no":false,"nil":null,"#
                + #""o":{"n":1},"a":[1],"n\u0061me":"x","twice":1,"twice":2}"#))

    @Test("answers by name, the last one of two")
    func members() throws {
        #expect(try json.string("text") == "é\n😀")
        #expect(try json.integer("n") == -12)
        #expect(try json.number("d") == 25)
        #expect(try json.integer("d") == 25)
        #expect(try json.boolean("yes") == true)
        #expect(try json.boolean("no") == false)
        #expect(try json.object("o")?.integer("n") == 1)
        #expect(try json.string("name") == "x")
        #expect(try json.integer("twice") == 2)
    }

    @Test("reads a surrogate without its partner as U+FFFD")
    func loneSurrogate() throws {
        #expect(try json.string("lone") == "\u{FFFD}x")
    }

    @Test("is nil for what is absent or null", arguments: ["nil", "nowhere", ""])
    func absent(name: String) throws {
        #expect(try json.string(name) == nil)
        #expect(try json.integer(name) == nil)
        #expect(try json.number(name) == nil)
        #expect(try json.boolean(name) == nil)
        #expect(try json.object(name) == nil)
    }

    @Test("names the member that is of another kind")
    func wrongKind() {
        let errors = [
            #expect(throws: EventError.self) { try json.string("n") },
            #expect(throws: EventError.self) { try json.integer("text") },
            #expect(throws: EventError.self) { try json.number("yes") },
            #expect(throws: EventError.self) { try json.boolean("n") },
            #expect(throws: EventError.self) { try json.object("a") },
        ]
        for error in errors { #expect(error?.code == .invalidData) }
        #expect(errors.first??.description.contains("'n'") == true)
    }

    @Test("takes only one object", arguments: ["", "[]", "1", "{", "{}x", "{\"a\":01}", "\"{}\""])
    func checking(text: String) {
        #expect(throws: EventError.self) { try Array(text.utf8).withUnsafeBytes { try JSONSlice(checking: $0) } }
    }

    @Test("bytes that are no JSON give errors, not trouble", arguments: ["", "{", "x", "{\"a\"", "{\"a\":\"\\", "[1]"])
    func garbage(text: String) {
        let json = JSONSlice(slice: slice(text))
        #expect(throws: EventError.self) { try json.string("a") }
        #expect(throws: EventError.self) { try HTTPRequest.read(from: json) }
    }
}
