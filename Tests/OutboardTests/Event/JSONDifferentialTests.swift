import Foundation
import Testing

@testable import Outboard

/// Random documents, valid and broken, judged by the scanner's grammar and by Foundation.
@Suite("JSON grammar against Foundation")
struct JSONDifferentialTests {
    @Test("agrees on generated documents", arguments: 1...20)
    func generated(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let document = RandomJSON.value(depth: 0, &generator)
            let bytes = Array(document.utf8)
            #expect(JSONGrammarTests.isJSON(bytes), "seed \(seed): \(document)")
            #expect(Self.foundationTakes(bytes) || Self.isBeyondFoundation(bytes), "seed \(seed): \(document)")
        }
    }

    @Test("agrees on mutated documents", arguments: 1...40)
    func mutated(seed: UInt64) {
        var generator = SeededGenerator(seed: seed &+ 1_000)
        for _ in 0..<250 {
            var bytes = Array(RandomJSON.value(depth: 0, &generator).utf8)
            for _ in 0..<Int.random(in: 1...3, using: &generator) { RandomJSON.mutate(&bytes, &generator) }
            let ours = JSONGrammarTests.isJSON(bytes)
            guard ours != Self.foundationTakes(bytes) else { continue }
            let isKnown = ours ? Self.isBeyondFoundation(bytes) : Self.hasTrailingComma(bytes)
            #expect(isKnown, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test("a document that is cut anywhere is no document", arguments: 1...20)
    func truncated(seed: UInt64) {
        var generator = SeededGenerator(seed: seed &+ 2_000)
        let bytes = Array(("[" + RandomJSON.value(depth: 0, &generator) + "]").utf8)
        for count in bytes.indices {
            #expect(!JSONGrammarTests.isJSON(Array(bytes[..<count])), "seed \(seed), \(count)")
        }
    }

    private static func foundationTakes(_ bytes: [UInt8]) -> Bool {
        // Foundation also reads UTF-16 and UTF-32, which it tells by zeros and byte order marks; an event is UTF-8.
        guard !bytes.contains(0), !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return false }
        return (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
    }

    /// What RFC 8259 allows and Foundation does not take: a surrogate without a partner, a number beyond `Double`.
    private static func isBeyondFoundation(_ bytes: [UInt8]) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self).lowercased()
        return text.contains("\\ud") || text.contains(/[0-9]e/)
    }

    /// What Foundation takes and RFC 8259 does not allow: `[1,]`.
    private static func hasTrailingComma(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(/,[ \t\r\n]*[\]}]/)
    }
}

/// Makes JSON texts that use everything the grammar has.
enum RandomJSON {
    static func value(depth: Int, _ generator: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth > 5 ? 5 : 8), using: &generator) {
        case 0: return ["true", "false", "null"].randomElement(using: &generator) ?? "null"
        case 1, 2: return number(&generator)
        case 3, 4: return string(&generator)
        case 5: return container("[", "]", &generator) { value(depth: depth + 1, &$0) }
        default:
            return container("{", "}", &generator) {
                "\(string(&$0))\(space(&$0)):\(space(&$0))\(value(depth: depth + 1, &$0))"
            }
        }
    }

    static func mutate(_ bytes: inout [UInt8], _ generator: inout SeededGenerator) {
        let interesting = Array("{}[]\",:\\0-+.eE19 tfn/u\u{1F}\u{7F}\n".utf8) + [0xC3, 0x80, 0xE2, 0xF0, 0xFF]
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let byte = interesting.randomElement(using: &generator) ?? 0
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.insert(byte, at: place)
        case 1 where place < bytes.count: bytes[place] = byte
        case 2 where place < bytes.count: bytes.remove(at: place)
        default: bytes.removeLast(min(bytes.count, Int.random(in: 0...2, using: &generator)))
        }
    }

    private static func container(
        _ open: String, _ close: String, _ generator: inout SeededGenerator,
        _ element: (inout SeededGenerator) -> String
    ) -> String {
        let elements = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            space(&generator) + element(&generator) + space(&generator)
        }
        return open + (elements.isEmpty ? space(&generator) : elements.joined(separator: ",")) + close
    }

    private static func number(_ generator: inout SeededGenerator) -> String {
        var text = Bool.random(using: &generator) ? "-" : ""
        text += Bool.random(using: &generator) ? "0" : String(Int.random(in: 1...99_999_999, using: &generator))
        if Bool.random(using: &generator) { text += "." + String(Int.random(in: 0...9_999, using: &generator)) }
        if Int.random(in: 0..<4, using: &generator) == 0 {
            text += ["e", "E", "e+", "E-"].randomElement(using: &generator) ?? "e"
            text += String(Int.random(in: 0...30, using: &generator))
        }
        return text
    }

    static func string(_ generator: inout SeededGenerator) -> String {
        let pieces = [
            "a", "key", " ", "/", "0", "longer text without any escape", "é", "€", "😀", "\u{7F}", #"\""#, #"\\"#,
            #"\/"#,
            #"\b"#, #"\f"#, #"\n"#, #"\r"#, #"\t"#, #"\u0041"#, #"\u00e9"#, #"\uD83D\uDE00"#, #"\u0000"#, "{", "]", ",",
        ]
        return "\""
            + (0..<Int.random(in: 0...6, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }
            .joined() + "\""
    }

    private static func space(_ generator: inout SeededGenerator) -> String {
        Int.random(in: 0..<4, using: &generator) == 0
            ? ["", " ", "\n", "\t \r"].randomElement(using: &generator) ?? "" : ""
    }
}
