import Outboard
package import RedisClient

/// Redis's clock, by which all replicas agree on times.
package enum RedisClock {
    /// Milliseconds since 1970 of a `TIME` reply: seconds and microseconds as text.
    package static func milliseconds(_ reply: RedisValue) throws -> Int64 {
        let parts = try reply.array().map { try $0.int64() }
        guard parts.count == 2 else {
            throw RedisError(code: .unexpectedReply, message: "TIME gave \(parts.count) numbers instead of 2")
        }
        return parts[0] * 1_000 + parts[1] / 1_000
    }
}
