import NIOCore
import Outboard
package import RedisClient

/// Who hears the lanes to which events of one type go.
package struct Hearers: Codable, Sendable, Equatable {
    /// Of each type on this bus.
    package let lanes: Int
    /// Subscribers of the lane that has the fewest, and of the one that has the most.
    package let least, most: Int64
    /// Plugins that have registered for the type, whether they run or not.
    package let plugins: [String]

    package init(lanes: Int, least: Int64, most: Int64, plugins: [String]) {
        self.lanes = lanes
        self.least = least
        self.most = most
        self.plugins = plugins
    }

    /// - Parameter key: Then only its lane counts.
    package static func read(
        type: String, key: String?, names: RedisNames, on redis: RedisConnection
    ) async throws -> Hearers {
        let types = EventTypes(redis, names: names)
        let lanes = try await types.lanes()
        var channels = types.channels(of: type, lanes: lanes)
        if let key { channels = [channels[LaneRule.lane(ofKey: key, lanes: lanes)]] }
        let counts = try await redis.send(RedisCommand(words: ["PUBSUB", "NUMSUB"] + channels)).get().stringPairs()
            .map { Int64($0.1) ?? 0 }
        return Hearers(
            lanes: lanes, least: counts.min() ?? 0, most: counts.max() ?? 0,
            plugins: try await types.plugins(hearing: type).map(\.rawValue))
    }
}
