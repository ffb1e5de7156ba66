package import RedisClient

/// What a publisher needs to know.
package struct PublisherSettings: Sendable {
    package var redis: RedisSettings
    package var names: RedisNames
    package var lanes: Int
    package var name: String
    package var host: String
    package var limits = Outbox.Limits()
    package var cadence = Cadence()

    /// Times of a publisher; docs/protocol.md, "Publisher".
    package struct Cadence: Sendable {
        package var record = Duration.milliseconds(50)
        package var heartbeat = Duration.seconds(1)
        package var receiverPoll = Duration.milliseconds(50)
        package var receiverWait = Duration.seconds(2)
        package var shutdown = Duration.seconds(3)
        /// A publisher without a heartbeat for so long may have been forgotten; it takes a new id.
        package var identityLifetime = Duration.seconds(12 * 3_600)
    }

    package init(redis: RedisSettings, names: RedisNames, lanes: Int, name: String, host: String) {
        self.redis = redis
        self.names = names
        self.lanes = lanes
        self.name = name
        self.host = host
    }
}
