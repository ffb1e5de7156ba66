/// One thing that is done to a running bus.
enum Fault: Equatable, Sendable {
    /// SIGKILL to a replica.
    case kill(Int)
    /// SIGTERM to a replica.
    case terminate(Int)
    /// Starts a replica where there is none.
    case start(Int)
    /// SIGSTOP to a replica, which outlasts its lease.
    case freeze(Int)
    /// SIGCONT.
    case thaw(Int)
    /// `CLIENT KILL` of the connection over which a replica hears.
    case cutSubscription(Int)
    /// `CLIENT KILL` of the connection over which a replica applies.
    case cutCommands(Int)
    /// `CLIENT KILL TYPE pubsub`: nobody hears.
    case cutAllSubscriptions
    /// Nothing passes between a replica and Redis, nobody is told.
    case partition(Int)
    case heal(Int)
    /// The next reply to a script does not arrive.
    case loseReply(Int)
    /// SIGKILL to Redis, which has an append-only file.
    case killRedis
    case startRedis
    /// `CLIENT PAUSE`: Redis answers nobody.
    case pauseRedis(milliseconds: Int)
    /// So many replicas shall run.
    case scale(to: Int)
    /// The clock of a replica jumps by so many seconds.
    case jumpClock(Int, seconds: Int)

    /// What a certificate counts it as; nil for the end of another fault.
    var kind: FaultKind? {
        switch self {
        case .kill: .kill
        case .terminate: .terminate
        case .freeze: .freeze
        case .cutSubscription: .cutSubscription
        case .cutCommands: .cutCommands
        case .cutAllSubscriptions: .cutAllSubscriptions
        case .partition: .partition
        case .loseReply: .loseReply
        case .killRedis: .killRedis
        case .pauseRedis: .pauseRedis
        case .scale: .scale
        case .jumpClock: .jumpClock
        case .start, .thaw, .heal, .startRedis: nil
        }
    }
}

/// The kinds of faults, by their names in a certificate.
enum FaultKind: String, CaseIterable, Sendable {
    case kill = "kill -9"
    case terminate = "SIGTERM"
    case freeze = "SIGSTOP"
    case cutSubscription = "subscription cut"
    case cutCommands = "commands cut"
    case cutAllSubscriptions = "all subscriptions cut"
    case partition
    case loseReply = "reply lost"
    case killRedis = "Redis killed"
    case pauseRedis = "Redis paused"
    case scale
    case jumpClock = "clock jump"

    /// Whether it hits one replica at most, and leaves Redis alone. Scaling is asked for, no fault at all.
    var isOfOneReplica: Bool {
        switch self {
        case .kill, .terminate, .freeze, .cutSubscription, .cutCommands, .partition, .loseReply, .scale, .jumpClock:
            true
        case .cutAllSubscriptions, .killRedis, .pauseRedis: false
        }
    }
}

extension Fault: CustomStringConvertible {
    /// As a line of the protocol shows it; replicas are numbered from 1.
    var description: String {
        switch self {
        case .kill(let replica): "kill -9 replica \(replica + 1)"
        case .terminate(let replica): "SIGTERM replica \(replica + 1)"
        case .start(let replica): "start replica \(replica + 1)"
        case .freeze(let replica): "SIGSTOP replica \(replica + 1)"
        case .thaw(let replica): "SIGCONT replica \(replica + 1)"
        case .cutSubscription(let replica): "cut the subscription of replica \(replica + 1)"
        case .cutCommands(let replica): "cut the commands of replica \(replica + 1)"
        case .cutAllSubscriptions: "cut all subscriptions"
        case .partition(let replica): "partition replica \(replica + 1)"
        case .heal(let replica): "heal the partition of replica \(replica + 1)"
        case .loseReply(let replica): "lose a reply to replica \(replica + 1)"
        case .killRedis: "kill -9 Redis"
        case .startRedis: "start Redis"
        case .pauseRedis(let milliseconds): "pause Redis for \(milliseconds) ms"
        case .scale(let count): "scale to \(count)"
        case .jumpClock(let replica, let seconds): "the clock of replica \(replica + 1) jumps by \(seconds) s"
        }
    }
}
