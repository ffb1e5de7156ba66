/// An answer of Redis.
package enum RedisValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case status(String)
    case bulk([UInt8])
    case array([RedisValue])
    /// An error inside an array; at the top level an error is thrown.
    case error(String)

    /// The text of a bulk string or status.
    package func string() throws -> String {
        switch self {
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        case .integer(let number): String(number)
        default: throw wrong("a text")
        }
    }

    /// The text, or nil for null.
    package func stringOrNil() throws -> String? {
        self == .null ? nil : try string()
    }

    /// An integer, or a text that is one.
    package func int64() throws -> Int64 {
        if case .integer(let number) = self { return number }
        guard let number = Int64(try string()) else { throw wrong("a number") }
        return number
    }

    /// The elements of an array.
    package func array() throws -> [RedisValue] {
        guard case .array(let values) = self else { throw wrong("an array") }
        return values
    }

    /// The fields and values of a hash.
    package func stringPairs() throws -> [(String, String)] {
        let values = try array()
        guard values.count.isMultiple(of: 2) else { throw wrong("pairs") }
        return try stride(from: 0, to: values.count, by: 2).map {
            (try values[$0].string(), try values[$0 + 1].string())
        }
    }

    private func wrong(_ wanted: String) -> RedisError {
        if case .error(let text) = self { return RedisError(serverText: text) }
        let kind =
            switch self {
            case .null: "null"
            case .integer: "an integer"
            case .status: "a status"
            case .bulk: "a text"
            case .array(let values): "an array of \(values.count)"
            case .error: "an error"
            }
        return RedisError(code: .unexpectedReply, message: "expected \(wanted), got \(kind)")
    }
}
