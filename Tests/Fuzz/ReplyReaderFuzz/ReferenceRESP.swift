/// RESP 2 read by the book, slowly: https://redis.io/docs/latest/develop/reference/protocol-spec/
///
/// It gives up at the first thing that is not plainly right, so what it understands is certain.
struct ReferenceRESP {
    private struct GivenUp: Error {}

    private var rest: ArraySlice<UInt8>

    /// The complete replies at the beginning of a stream.
    static func replies(_ bytes: [UInt8]) -> [String] {
        var reader = ReferenceRESP(rest: bytes[...])
        var replies: [String] = []
        while let value = try? reader.value(depth: 0) { replies.append(HeardReplies.text(value)) }
        return replies
    }

    private mutating func value(depth: Int) throws -> RedisValue {
        guard depth < 6, let kind = rest.popFirst() else { throw GivenUp() }
        switch kind {
        case UInt8(ascii: "+"): return .status(try text())
        case UInt8(ascii: "-"): return .error(try text())
        case UInt8(ascii: ":"): return .integer(try number())
        case UInt8(ascii: "$"):
            let count = try number()
            if count == -1 { return .null }
            guard count >= 0, count < rest.count else { throw GivenUp() }
            let bytes = Array(rest.prefix(Int(count)))
            rest = rest.dropFirst(Int(count))
            guard try line().isEmpty else { throw GivenUp() }
            return .bulk(bytes)
        case UInt8(ascii: "*"):
            let count = try number()
            if count == -1 { return .null }
            guard count >= 0, count <= rest.count else { throw GivenUp() }
            return .array(try (0..<count).map { _ in try value(depth: depth + 1) })
        default: throw GivenUp()
        }
    }

    private mutating func line() throws -> ArraySlice<UInt8> {
        guard let end = rest.firstIndex(of: 13), rest[(end + 1)...].first == 10 else { throw GivenUp() }
        defer { rest = rest[(end + 2)...] }
        return rest[..<end]
    }

    private mutating func text() throws -> String {
        let line = try line()
        // Longer ones are cut by the reader, which is no matter of the protocol.
        guard !line.contains(10), line.count <= 500 else { throw GivenUp() }
        return String(decoding: line, as: UTF8.self)
    }

    private mutating func number() throws -> Int64 {
        let text = String(decoding: try line(), as: UTF8.self)
        // Only the form that Redis writes.
        guard let number = Int64(text), String(number) == text else { throw GivenUp() }
        return number
    }
}
