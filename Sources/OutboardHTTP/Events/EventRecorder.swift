package import Logging
package import Outboard
package import OutboardRedis
import Synchronization

/// Hands events to the bus; what the bus refuses is counted, and told at most once a second.
package final class EventRecorder: Sendable {
    package typealias Publish = @Sendable (_ event: HTTPRequest, _ traceparent: String) throws -> Void

    /// What was recorded so far.
    package struct Counts: Sendable, Equatable {
        /// Answered requests by the first digit of their status.
        package var byStatusClass = [Int](repeating: 0, count: 6)
        /// Events that the bus refused.
        package var refused = 0
    }

    private let publish: Publish
    private let logger: Logger
    private let notice = LimitedNotice()
    private let state = Mutex(Counts())

    package init(logger: Logger, publish: @escaping Publish) {
        self.publish = publish
        self.logger = logger
    }

    /// Records to a bus.
    package convenience init(_ bus: EventBus, logger: Logger) {
        self.init(logger: logger) { try bus.publish($0, traceparent: $1) }
    }

    package var counts: Counts { state.withLock { $0 } }

    func record(_ event: HTTPRequest, traceparent: String) {
        state.withLock { $0.byStatusClass[min(max(event.status / 100, 0), 5)] += 1 }
        do {
            try publish(event, traceparent)
        } catch {
            state.withLock { $0.refused += 1 }
            guard let count = notice.note() else { return }
            logger.warning("request events refused", metadata: ["error": "\(error)", "count": "\(count)"])
        }
    }
}
