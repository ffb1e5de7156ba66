/// One command as `MONITOR` shows it: the order of these lines is the order in which Redis did them.
///
/// `1339518083.107412 [0 127.0.0.1:60866] "hset" "key" "field" "value"`
struct MonitorLine: Equatable, Sendable {
    /// The command's name in upper case, then its arguments.
    let words: [String]

    init?(_ line: String) {
        guard let bracket = line.firstRange(of: "] \"") else { return nil }
        var words: [String] = []
        var rest = line[line.index(after: bracket.lowerBound)...].utf8[...]
        while let word = Self.takeWord(&rest) { words.append(word) }
        guard rest.isEmpty, let name = words.first else { return nil }
        words[0] = name.uppercased()
        self.words = words
    }

    /// Takes a blank and a quoted word, or nothing.
    private static func takeWord(_ rest: inout Substring.UTF8View) -> String? {
        guard rest.starts(with: [UInt8(ascii: " "), UInt8(ascii: "\"")]) else { return nil }
        var tail = rest.dropFirst(2)
        var bytes: [UInt8] = []
        while let byte = tail.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                rest = tail
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"): bytes.append(takeEscaped(&tail))
            default: bytes.append(byte)
            }
        }
        return nil
    }

    private static func takeEscaped(_ rest: inout Substring.UTF8View) -> UInt8 {
        switch rest.popFirst() {
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "a"): return 7
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "x"):
            defer { rest = rest.dropFirst(2) }
            return UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? UInt8(ascii: "?")
        case .some(let byte): return byte
        case nil: return UInt8(ascii: "\\")
        }
    }

    /// The fields that the command writes into a hash, if it does.
    func fields(of key: String) -> [(field: String, value: String)] {
        guard ["HSET", "HMSET", "HSETNX"].contains(words[0]), words.count > 1, words[1] == key else { return [] }
        return stride(from: 2, to: words.count - 1, by: 2).map { (words[$0], words[$0 + 1]) }
    }

    /// Whether the command publishes an event.
    func publishesEvent(_ prefix: String) -> Bool {
        words.count > 2 && words[0] == "PUBLISH" && words[1].hasPrefix(prefix)
    }
}
