import Logging
import Outboard
import Synchronization

@testable import OutboardHTTP

/// Stands where the bus would: keeps events, and lets a test wait for them.
final class RecordedEvents: Sendable {
    struct Recorded: Sendable {
        let event: HTTPRequest
        let traceparent: String
    }

    private let stream: AsyncStream<Recorded>
    private let continuation: AsyncStream<Recorded>.Continuation
    private let count = Mutex(0)

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    var recorder: EventRecorder {
        EventRecorder(logger: Logger(label: "test")) { event, traceparent in
            self.count.withLock { $0 += 1 }
            self.continuation.yield(Recorded(event: event, traceparent: traceparent))
        }
    }

    /// All events there were so far.
    var total: Int { count.withLock { $0 } }

    /// The next event, which may still be to come.
    func next() async throws -> Recorded {
        for await recorded in stream { return recorded }
        throw CancellationError()
    }
}
