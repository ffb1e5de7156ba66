import Logging
import Outboard
import OutboardRedis
import ServiceLifecycle

/// Redis could not be reached when the process started.
struct StartTimeout: Error, CustomStringConvertible {
    let patience: Duration

    var description: String {
        "Redis could not be reached within \(patience.components.seconds) s; see the warnings above, and check "
            + "OUTBOARD_REDIS_URL"
    }
}

/// Runs one replica as a service: says when it is ready, gives up if it never is, drains on a graceful shutdown.
struct ReplicaService<P: Plugin>: Service {
    let replica: Replica<P>
    let ready: AsyncStream<Void>
    let startTimeout: Duration
    let logger: Logger

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await cancelWhenGracefulShutdown { try await replica.run() }
            }
            group.addTask { try await watchStart() }
            // The watch ends when the replica is ready; the replica's own end decides.
            try await group.next()
            try await group.next()
            group.cancelAll()
        }
    }

    private func watchStart() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for await _ in ready { return true }
                    return false
                }
                group.addTask {
                    try await Task.sleep(for: startTimeout)
                    throw StartTimeout(patience: startTimeout)
                }
                defer { group.cancelAll() }
                do {
                    if try await group.next() == true {
                        logger.info("ready", metadata: ["replica": "\(replica.id)"])
                    }
                } catch is CancellationError {}  // a shutdown before the replica was ready
            }
        }
    }
}
