/// Which other replicas of a plugin live, as a value: made anew from what Redis says at each look.
///
/// A replica lives while its lease has not ended and somebody is subscribed to its probe channel. The first shows within
/// three seconds that a process has stopped, the second at once that a connection is gone.
package struct Roster: Equatable, Sendable {
    /// One other replica as Redis shows it.
    package struct Peer: Equatable, Sendable {
        package let replica: String
        /// End of its lease, in milliseconds of Redis's clock.
        package let leaseEnd: Int64
        /// Whether anybody is subscribed to its probe channel.
        package let isConnected: Bool
        /// The lanes that it says it hears.
        package let lanes: Set<Int>

        package init(replica: String, leaseEnd: Int64, isConnected: Bool, lanes: Set<Int>) {
            self.replica = replica
            self.leaseEnd = leaseEnd
            self.isConnected = isConnected
            self.lanes = lanes
        }
    }

    /// Live replicas → the lanes that they list.
    package let live: [String: Set<Int>]
    /// Replicas whose lease is alive or ended within the last ten seconds, connected or not: who may still hold events.
    package let remembered: Int

    package init(peers: [Peer] = [], redisNow: Int64 = 0) {
        live = Dictionary(
            peers.filter { $0.leaseEnd > redisNow && $0.isConnected }.map { ($0.replica, $0.lanes) }
        ) { $1 }
        remembered = peers.count { $0.leaseEnd > redisNow - Lease.memoryMilliseconds }
    }
}
