import Testing

@testable import OutboardCLI

/// The judgements alone: no Redis, an observation made by hand.
@Suite("The cases of a publisher")
struct PublisherCasesTests {
    private static func message(
        lane: Int = 0, _ events: (source: String, id: Int, rest: String)...
    ) -> ObservedMessage {
        let texts = events.map {
            #"{"specversion":"1.0","source":"\#($0.source)","id":"\#($0.id)","type":"http.request","#
                + #""time":"2026-11-26T10:00:00.000000Z",\#($0.rest)"data":{"method":"GET","path":"/","status":200}}"#
        }
        return ObservedMessage(lane: lane, bytes: Array("[\(texts.joined(separator: ","))]".utf8))
    }

    private static func observation(_ messages: ObservedMessage...) -> PublisherObservation {
        var run = PublisherObservation.Run()
        run.exitCode = 0
        run.messages = messages
        run.events = messages.flatMap(\.events)
        return PublisherObservation(
            requested: 2, channels: "n:events:http.request:", records: "n:publisher:", runs: [run], cuts: [],
            account: PluginAccount(), malformed: 0)
    }

    private static let source = "/p-0000000000000001/http.request/0"

    @Test("numbers may come again, but not leave one out")
    func numbers() throws {
        let again = Self.observation(
            Self.message((Self.source, 1, ""), (Self.source, 2, "")), Self.message((Self.source, 1, "")))
        try PublisherCases.numbers(again)
        try PublisherCases.count(again)
        #expect(throws: Discrepancy.self) {
            try PublisherCases.numbers(Self.observation(Self.message((Self.source, 2, ""))))
        }
        #expect(throws: Discrepancy.self) { try PublisherCases.count(Self.observation()) }
    }

    @Test("a key names the lane")
    func keys() throws {
        // FNV-1a-64("a") = 0xaf63dc4c8601ec8c, modulo 256 = 140.
        let source = "/p-0000000000000001/http.request/140"
        try PublisherCases.channel(
            Self.observation(Self.message(lane: 140, (source, 1, #""partitionkey":"a","#))))
        #expect(throws: Discrepancy.self) {
            try PublisherCases.channel(
                Self.observation(Self.message((Self.source, 1, #""partitionkey":"a","#))))
        }
        #expect(throws: Discrepancy.self) {
            try PublisherCases.channel(Self.observation(Self.message(lane: 1, (Self.source, 1, ""))))
        }
    }

    @Test("an array holds events of one source, and each has its attributes")
    func messages() throws {
        let mixed = Self.observation(
            Self.message((Self.source, 1, ""), ("/q-0000000000000001/http.request/0", 1, "")))
        #expect(throws: Discrepancy.self) { try PublisherCases.message(mixed) }
        try PublisherCases.forms(mixed)
        let broken = Self.observation(ObservedMessage(lane: 0, bytes: Array("{}".utf8)))
        #expect(
            throws: Discrepancy(expected: "valid events", seen: "'specversion' is not \"1.0\" ( number 0 on lane 0)")
        ) {
            try PublisherCases.forms(broken)
        }
    }
}
