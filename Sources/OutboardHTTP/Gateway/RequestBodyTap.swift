import Hummingbird
import NIOCore
import Synchronization

/// The client's request body on its way to the upstream.
///
/// The HTTP client reads it in a task of its own, which may still wait for the client's next bytes when the upstream has
/// long answered. The connection's body has one reader at a time: before the server may go on with the connection,
/// `close()` waits until nobody reads, and lets nobody begin. Reading keeps to the pace of the client's loops.
final class RequestBodyTap: AsyncSequence, Sendable {
    typealias Element = ByteBuffer

    /// Why the body did not get through, where that is the client's doing.
    enum Refusal: Error, Equatable {
        /// More bytes than the gateway passes on.
        case tooLarge
        /// The client's connection failed or spoke no HTTP.
        case broken
        /// The exchange is over; nobody may read any more.
        case closed
    }

    private struct State {
        var isReading = false
        var isClosed = false
        var isComplete = false
        var count = 0
        var refusal: Refusal?
        /// When the upstream's side was last given bytes, or asked for some.
        var lastMove = ContinuousClock.now
        var closing: CheckedContinuation<Void, Never>?

        /// - Returns: Who waits for this.
        mutating func stopReading() -> CheckedContinuation<Void, Never>? {
            isReading = false
            lastMove = .now
            defer { closing = nil }
            return closing
        }
    }

    /// The length that the client announced; nil for a chunked body.
    let length: Int?
    private let base: RequestBody
    private let limit: Int
    private let pace: LoopPace
    private let state = Mutex(State())

    init(_ base: RequestBody, length: Int?, limit: Int, pace: LoopPace) {
        self.base = base
        self.length = length
        self.limit = limit
        self.pace = pace
    }

    /// Whether all of the body has been read.
    var isComplete: Bool { state.withLock { $0.isComplete } }

    /// Why reading failed, if it did.
    var refusal: Refusal? { state.withLock { $0.refusal } }

    /// Since when the upstream has not taken what was read for it; nil while we wait for the client, or are done.
    var stalledSince: ContinuousClock.Instant? {
        state.withLock { $0.isReading || $0.isComplete || $0.isClosed ? nil : $0.lastMove }
    }

    /// Ends reading, and returns when nobody reads.
    func close() async {
        await withCheckedContinuation { continuation in
            let isQuiet = state.withLock { state in
                state.isClosed = true
                if state.isReading { state.closing = continuation }
                return !state.isReading
            }
            if isQuiet { continuation.resume() }
        }
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        let tap: RequestBodyTap
        var base: RequestBody.AsyncIterator
        var pace: LoopPace

        @concurrent mutating func next() async throws -> ByteBuffer? {
            // Before we read, and hold the connection: this wait is for the upstream's side.
            try await pace.keep()
            guard try tap.beginReading() else { return nil }
            do {
                let buffer = try await base.next()
                if let buffer { pace.handOver(buffer.readableBytes) }
                return try tap.endReading(buffer)
            } catch let refusal as Refusal {
                throw refusal
            } catch {
                tap.endReading(.broken)
                throw error
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(tap: self, base: base.makeAsyncIterator(), pace: pace)
    }

    /// - Returns: False where the body is known to be complete and the connection is no longer ours.
    private func beginReading() throws -> Bool {
        try state.withLock { state in
            if state.isClosed {
                guard state.isComplete else { throw Refusal.closed }
                return false
            }
            state.isReading = true
            return true
        }
    }

    private func endReading(_ buffer: ByteBuffer?) throws -> ByteBuffer? {
        let (refusal, closing) = state.withLock { state in
            if let buffer {
                state.count += buffer.readableBytes
                state.isComplete = state.count == length
                if state.count > limit { state.refusal = .tooLarge }
            } else {
                state.isComplete = true
            }
            return (state.refusal, state.stopReading())
        }
        closing?.resume()
        if let refusal { throw refusal }
        return buffer
    }

    private func endReading(_ refusal: Refusal) {
        let closing = state.withLock { state in
            state.refusal = refusal
            return state.stopReading()
        }
        closing?.resume()
    }
}
