import NIOCore
import Outboard
import OutboardRedis
import RedisClient

/// Snapshots one after the other, over new connections when one has ended.
enum TopLooks {
    enum Look: Sendable {
        case seen(BusSnapshot)
        /// Redis cannot be asked at present, and why.
        case failed(String)
    }

    /// Looks until nobody asks any more; the newest counts for a slow reader.
    static func every(_ pace: Duration, _ configuration: BusConfiguration) -> AsyncStream<Look> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            // Owned by the stream: whoever stops reading it ends the task.
            let task = Task {
                var connection: RedisConnection?
                while !Task.isCancelled {
                    do {
                        let open: RedisConnection
                        if let connection {
                            open = connection
                        } else {
                            open = try await BusOptions.connect(configuration)
                        }
                        connection = open
                        continuation.yield(.seen(try await BusSnapshot.read(configuration, on: open)))
                    } catch {
                        if let connection { try? await connection.close().get() }  // it may have ended already
                        connection = nil
                        continuation.yield(.failed("Redis cannot be asked: \(error)"))
                    }
                    try? await Task.sleep(for: pace)  // only a cancellation ends it early
                }
                if let connection { try? await connection.close().get() }  // it may have ended already
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}
