package import RedisClient

/// What a replica needs to know.
package struct ReplicaSettings: Sendable {
    package var redis: RedisSettings
    package var names: RedisNames
    package var lanes: Int
    /// Fields that a family may hold before further ones count as `(other)`.
    package var maxFields = 10_000
    /// Replicas that hear each lane.
    package var holders = 2
    /// Microseconds that a plugin may take for an event before that is said.
    package var handlerBudget = 10_000
    /// Percent of the events of ten seconds that may fail before the plugin is disabled; nil for any.
    package var failureLimit: Int? = 50
    /// How much may wait for Redis.
    var backlog = Backlog.Limits()
    package var host: String
    package var pid: Int

    package init(redis: RedisSettings, names: RedisNames, lanes: Int, host: String, pid: Int) {
        self.redis = redis
        self.names = names
        self.lanes = lanes
        self.host = host
        self.pid = pid
    }
}

/// What a replica is doing, as its hash in Redis says.
package enum ReplicaState: String, Sendable {
    case starting, running, disabled, draining, stopped, failed
}
