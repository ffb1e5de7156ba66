import NIOCore
import Outboard
import OutboardRedis
import RedisClient

/// Who hears the lanes to which events of one type go.
struct Hearers: Encodable {
    /// Of each type on this bus.
    let lanes: Int
    /// Subscribers of the lane that has the fewest, and of the one that has the most.
    let least, most: Int64
    /// Plugins that have registered for the type, whether they run or not.
    let plugins: [String]

    /// - Parameter key: Then only its lane counts.
    static func read(type: String, key: String?, _ types: EventTypes, _ redis: RedisConnection) async throws -> Hearers
    {
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

/// What a publication came to.
struct PublishReport: Encodable {
    let type: String
    let published: Int
    let publisher: String
    let hearers: Hearers

    var text: String {
        let lanes =
            hearers.least == hearers.most
            ? ShortText.counted(hearers.most, "subscriber") : "\(hearers.least) to \(hearers.most) subscribers"
        let plugins = hearers.plugins.isEmpty ? "no plugin" : hearers.plugins.joined(separator: ", ")
        return "published \(ShortText.counted(Int64(published), "event")) of \(type) as \(publisher); "
            + "\(lanes) a lane, heard by \(plugins)"
    }
}
