/// Cuts a stream of bytes into lines.
///
/// A line longer than `limit` is handed over in pieces, so that a program that never ends a line fills no memory.
package struct LineSplitter {
    private let limit: Int
    private var rest: [UInt8] = []

    package init(limit: Int = 64 << 10) {
        self.limit = limit
    }

    /// Takes bytes and returns the lines that they complete, without their ends.
    package mutating func append(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(take())
            } else {
                rest.append(byte)
                if rest.count == limit { lines.append(take()) }
            }
        }
        return lines
    }

    /// The last line, if it had no end.
    package mutating func finish() -> String? { rest.isEmpty ? nil : take() }

    private mutating func take() -> String {
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        defer { rest.removeAll(keepingCapacity: true) }
        return String(decoding: rest, as: UTF8.self)
    }
}
