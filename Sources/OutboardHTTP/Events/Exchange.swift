import Outboard
import Synchronization

/// One request and its answer while they are under way; publishes its event exactly once.
///
/// Whoever knows first that it is over calls `finish()`. Should nobody do so (a body that another middleware dropped, a
/// client that was gone before the answer), the end of the object's life does.
final class Exchange: Sendable {
    /// What is known when the request begins.
    struct Beginning: Sendable {
        let method: String
        let path: String
        let query: String?
        let host: String?
        let userAgent: String?
        let client: String?
        let headers: [String: String]
        let identity: RequestIdentity
    }

    private let beginning: Beginning
    private let start = ContinuousClock.now
    private let route: @Sendable () -> String?
    private let recorder: EventRecorder
    private let requestBytes = Atomic(0)
    private let responseBytes = Atomic(0)
    private let status = Atomic(500)
    private let isFinished = Atomic(false)

    init(_ beginning: Beginning, route: @escaping @Sendable () -> String?, recorder: EventRecorder) {
        self.beginning = beginning
        self.route = route
        self.recorder = recorder
    }

    deinit {
        finish()
    }

    func read(_ count: Int) {
        requestBytes.wrappingAdd(count, ordering: .relaxed)
    }

    func wrote(_ count: Int) {
        responseBytes.wrappingAdd(count, ordering: .relaxed)
    }

    /// Says how the request is answered; until then it counts as 500.
    func answer(status code: Int) {
        status.store(code, ordering: .relaxed)
    }

    /// Publishes the event, the first time it is called.
    func finish() {
        guard !isFinished.exchange(true, ordering: .acquiringAndReleasing) else { return }
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let event = HTTPRequest(
            method: beginning.method, path: beginning.path, route: route(),
            status: status.load(ordering: .relaxed),
            durationMicroseconds: Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000),
            requestBytes: requestBytes.load(ordering: .relaxed),
            responseBytes: responseBytes.load(ordering: .relaxed), client: beginning.client,
            userAgent: beginning.userAgent, host: beginning.host, requestID: beginning.identity.requestID,
            query: beginning.query, headers: beginning.headers)
        recorder.record(event, traceparent: beginning.identity.traceparent)
    }
}
