import NIOCore
import Outboard
package import RedisClient

/// What every process on one bus must agree on.
package enum BusAgreement {
    /// Writes the number of lanes if nobody has, and compares it with ours.
    ///
    /// - Throws: `SettingsError` if this process is configured otherwise than the bus; `RedisError`.
    package static func check(lanes: Int, names: RedisNames, on connection: RedisConnection) async throws {
        let replies = try await connection.pipeline([
            RedisCommand("HSETNX", names.bus, RedisNames.lanes, "\(lanes)"),
            RedisCommand("HGET", names.bus, RedisNames.lanes),
        ]).get()
        _ = try replies[0].get()
        let agreed = try replies[1].get().int64()
        guard agreed == Int64(lanes) else {
            throw SettingsError([
                "OUTBOARD_LANES: this process is set to \(lanes) lanes, the bus '\(names.namespace)' has \(agreed); "
                    + "set OUTBOARD_LANES=\(agreed), or choose another OUTBOARD_NAMESPACE"
            ])
        }
    }
}
