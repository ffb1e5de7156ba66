import Synchronization

/// The exchange that a connection is just answering, so that the server can say when the answer is out.
///
/// A wrapped body would tell as much, but costs two more writes than a response that is sent as one piece.
final class ConnectionSlot: Sendable {
    @TaskLocal static var current: ConnectionSlot?

    private struct Placed {
        let exchange: Exchange
        let bytes: Int
    }

    private let placed = Mutex<Placed?>(nil)

    /// - Parameter bytes: The length of the response's body.
    func place(_ exchange: Exchange, bytes: Int) {
        placed.withLock { $0 = Placed(exchange: exchange, bytes: bytes) }
    }

    /// Ends the exchange that is under way, if any.
    func finish(_ outcome: Outcome) {
        let placed = placed.withLock { placed in
            defer { placed = nil }
            return placed
        }
        guard let placed else { return }
        if outcome == .written { placed.exchange.wrote(placed.bytes) }
        placed.exchange.finish()
    }

    enum Outcome {
        case written, failed
    }
}
