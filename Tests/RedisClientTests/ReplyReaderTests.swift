import Testing

@testable import RedisClient

@Suite("Reply reader")
struct ReplyReaderTests {
    /// What a reader hands out, as text that can be compared.
    private func read(_ pieces: [ArraySlice<UInt8>], _ mode: ReplyReader.Mode = .commands) throws -> [String] {
        let heard = Heard()
        let reader = try ReplyReader(mode) { heard.note($0) }
        for piece in pieces { try piece.withUnsafeBytes { try reader.feed($0) } }
        return heard.lines
    }

    private static let answers = Array(
        "+OK\r\n:-7\r\n$5\r\nab\r\nc\r\n$-1\r\n*-1\r\n*0\r\n-WRONGTYPE no\r\n*3\r\n:1\r\n*2\r\n$-1\r\n-ERR in\r\n+x\r\n$0\r\n\r\n"
            .utf8)

    private static let heardAnswers = [
        "status OK", "integer -7", "value bulk(ab\r\nc)", "value null", "value null", "value []", "error WRONGTYPE no",
        "value [integer(1) [null error(ERR in)] status(x)]", "value bulk()",
    ]

    @Test("reads the same wherever the stream is cut", arguments: 0...ReplyReaderTests.answers.count)
    func everyCut(at cut: Int) throws {
        #expect(try read([Self.answers[..<cut], Self.answers[cut...]]) == Self.heardAnswers)
    }

    @Test("reads byte by byte")
    func byteByByte() throws {
        #expect(try read(Self.answers.indices.map { Self.answers[$0...$0] }) == Self.heardAnswers)
    }

    @Test("counts integers as far as it was asked to, and keeps their place among other answers", arguments: 1...22)
    func countedIntegers(pieceLength: Int) throws {
        let heard = Heard()
        let reader = try ReplyReader(.commands) { heard.note($0) }
        reader.countable = 3
        let bytes = Array(":1\r\n:2\r\n-ERR x\r\n:3\r\n:4\r\n".utf8)
        for start in stride(from: 0, to: bytes.count, by: pieceLength) {
            try bytes[start..<min(start + pieceLength, bytes.count)].withUnsafeBytes { try reader.feed($0) }
        }
        // However the stream is cut: two counted, the error, one counted, and the fourth handed out.
        let error = try #require(heard.lines.firstIndex(of: "error ERR x"))
        #expect(Self.counted(heard.lines[..<error]) == 2)
        #expect(Self.counted(heard.lines[error...]) == 1)
        #expect(heard.lines.last == "integer 4")
        #expect(reader.countable == 0)
    }

    private static func counted(_ lines: ArraySlice<String>) -> Int {
        lines.reduce(0) { $0 + ($1.hasSuffix(" integers") ? Int($1.prefix { $0 != " " }) ?? 0 : 0) }
    }

    private static let pushes = Array(
        "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\nx\r\ny\r\n*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$0\r\n\r\n*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n-ERR no\r\n"
            .utf8)

    @Test(
        "hands out messages and acknowledgements wherever the stream is cut",
        arguments: 0...ReplyReaderTests.pushes.count)
    func everyCutOfPushes(at cut: Int) throws {
        #expect(
            try read([Self.pushes[..<cut], Self.pushes[cut...]], .subscription) == [
                "subscribed a", "message a x\r\ny", "message a ", "unsubscribed a", "error ERR no",
            ])
    }

    /// Three messages, the middle one's payload being one itself: what is taken where it lies must not be taken in there.
    private static let nested: (bytes: [UInt8], heard: [String]) = {
        func message(_ payload: String) -> String {
            "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$\(payload.utf8.count)\r\n\(payload)\r\n"
        }
        let inner = message("inner")
        let text = message("1") + message(inner) + message("3")
        return (Array(text.utf8), ["message a 1", "message a \(inner)", "message a 3"])
    }()

    @Test("hands out messages wherever the stream is cut twice", arguments: 0...ReplyReaderTests.nested.bytes.count)
    func everyTwoCuts(at cut: Int) throws {
        let bytes = Self.nested.bytes
        for second in cut...bytes.count {
            let heard = try read([bytes[..<cut], bytes[cut..<second], bytes[second...]], .subscription)
            #expect(heard == Self.nested.heard, "cut at \(cut) and \(second)")
        }
    }

    @Test("reads a payload larger than any feed")
    func largePayload() throws {
        let payload = String(repeating: "p", count: 300_000)
        let bytes = Array("*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$300000\r\n\(payload)\r\n".utf8)
        #expect(try read([bytes[...]], .subscription) == ["message a \(payload)"])
    }

    @Test(
        "refuses what is not RESP",
        arguments: ["!", "HTTP/1.1 200 OK\r\n", "$-2\r\n", "$x\r\n", "*x\r\n", "*99999999\r\n", ":12z\r\n"])
    func garbage(text: String) {
        let error = #expect(throws: RedisError.self) { try read([Array(text.utf8)[...]]) }
        #expect(error?.code == .protocolViolation)
    }

    @Test("refuses arrays nested without end")
    func endlessNesting() {
        let bytes = Array(String(repeating: "*1\r\n", count: 1_000).utf8)
        let error = #expect(throws: RedisError.self) { try read([bytes[...]]) }
        #expect(error?.code == .protocolViolation)
    }
}

/// Collects what a reader hands out.
private final class Heard {
    private(set) var lines: [String] = []

    func note(_ event: ReplyEvent) {
        let line =
            switch event {
            case .value(let value): "value " + Self.text(value)
            case .integer(let number): "integer \(number)"
            case .integers(let count): "\(count) integers"
            case .status(let text): "status \(text)"
            case .error(let text): "error \(text)"
            case .message(let channel, let payload):
                "message \(String(decoding: channel, as: UTF8.self)) \(String(decoding: payload, as: UTF8.self))"
            case .subscribed(let channel): "subscribed \(channel)"
            case .unsubscribed(let channel): "unsubscribed \(channel)"
            case .other: "other"
            }
        lines.append(line)
    }

    private static func text(_ value: RedisValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): "integer(\(number))"
        case .status(let text): "status(\(text))"
        case .bulk(let bytes): "bulk(\(String(decoding: bytes, as: UTF8.self)))"
        case .error(let text): "error(\(text))"
        case .array(let values): "[" + values.map(text).joined(separator: " ") + "]"
        }
    }
}
