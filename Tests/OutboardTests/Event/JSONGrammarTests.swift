import Testing

@testable import Outboard

@Suite("JSON grammar: one value, nothing before and behind it")
struct JSONGrammarTests {
    /// Whether bytes are one JSON value with whitespace around it.
    static func isJSON(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            guard let first = bytes.baseAddress else { return false }
            let limit = first + bytes.count
            var escaped = false
            let start = JSONGrammar.whitespaceEnd(first, limit)
            guard let end = JSONGrammar.valueEnd(start, limit, depth: 0, &escaped) else { return false }
            return JSONGrammar.whitespaceEnd(end, limit) == limit
        }
    }

    @Test(
        "takes what RFC 8259 allows",
        arguments: [
            "0", "-0", "1", "10", "-10", "0.0", "1.5", "1e5", "1E5", "1e+5", "1E-05", "0e0", "1.0e10",
            "123456789012345678901234567890", "1e999", "-1.25E+400", "true", "false", "null", "\"\"", "\"a\"",
            "{}", "[]", "[1]", "[1,2]", "{\"\":0}", "{\"a\":{}}", "[[[]]]", "[{}]", "{\"a\":[]}", "{\"a\":1,\"a\":2}",
            " \t\r\n1 \t\r\n", "[ 1 , 2 ]", "{ \"a\" : 1 , \"b\" : 2 }", "[ ]", "{ }", #""\"\\\/\b\f\n\r\t""#,
            #""\u0000\uFFFF\uabCD""#, #""\uD83D\uDE00""#, #""\uD83D""#, #""\uDE00\uD83D""#, "\"\u{7F}\"", "\"é€😀\"",
            "\"\u{10FFFF}\"", "\"exactly8\"", "\"exactly-fifteen\"", "\"sixteen-bytes-ab\"",
            "[\"a\",\"b\",{\"c\":[null]}]",
        ])
    func takes(text: String) {
        #expect(Self.isJSON(Array(text.utf8)))
    }

    @Test(
        "refuses what it does not",
        arguments: [
            "", " ", "-", "+1", "01", "-01", "00", ".5", "1.", "-.5", "1.e5", "1e", "1e+", "1e5.5", "0x10", "1_000",
            "NaN",
            "Infinity", "-Infinity", "tru", "truee", "True", "nul", "nulll", "fals", "\"", "\"a", "a\"", "'a'",
            "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12G4\"", "\"\\u 123\"", "\"\n\"", "\"\t\"", "\"\u{0}\"",
            "\"\u{1F}\"",
            "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "{\"a\"}", "{\"a\":}",
            "{\"a\":1,}",
            "{,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "[1}", "[]]", "{}}", "1 2", "{}{}",
            "// c\n1", "1 // c", "/* */1", "\u{FEFF}1", "\u{A0}1", "[1]\u{0}", "\u{0C}1",
        ])
    func refuses(text: String) {
        #expect(!Self.isJSON(Array(text.utf8)))
    }

    @Test(
        "refuses what is not UTF-8",
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func refusesBytes(sequence: [UInt8]) {
        for padding in 0...9 {
            let text = [UInt8](repeating: 0x61, count: padding)
            #expect(!Self.isJSON([0x22] + text + sequence + [0x22]))
            #expect(!Self.isJSON([0x22] + text + sequence + text + [0x22]))
            #expect(!Self.isJSON([0x22] + text + sequence))
        }
    }

    @Test("finds a control character, a quote and a backslash at every place of a word", arguments: 0..<24)
    func everyPlace(place: Int) {
        for byte in UInt8.min...UInt8.max {
            var content = [UInt8](repeating: UInt8(ascii: "x"), count: 24)
            content[place] = byte
            let isPlain = byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
            #expect(Self.isJSON([0x22] + content + [0x22]) == isPlain, "byte \(byte)")
        }
    }

    @Test("nests 128 deep and no deeper, without recursion")
    func depth() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> [UInt8] {
                Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
            }
            #expect(Self.isJSON(nested(128)))
            #expect(!Self.isJSON(nested(129)))
        }
        #expect(!Self.isJSON([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)))
        let comb = "[" + String(repeating: "[],", count: 100_000) + "[]]"
        #expect(Self.isJSON(Array(comb.utf8)))
    }

    @Test("closes brackets in the order in which they were opened")
    func mixedBrackets() {
        #expect(Self.isJSON(Array(#"[{"a":[{"b":[]},{}]},[[]]]"#.utf8)))
        #expect(!Self.isJSON(Array(#"[{"a":[{"b":[}],{}]},[[]]]"#.utf8)))
    }
}
