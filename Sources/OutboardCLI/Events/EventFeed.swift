import Synchronization

/// Messages between the subscription, which never waits, and a reader, who may be slow: what does not fit is counted and
/// let go. So a slow terminal costs Redis nothing.
final class EventFeed: Sendable {
    struct Message: Sendable {
        let channel: String
        let bytes: [UInt8]
    }

    /// Bounds of what waits.
    struct Limits: Sendable {
        var messages = 10_000
        var bytes = 16 << 20
    }

    /// In order, for one reader, who says `taken` of each.
    let messages: AsyncStream<Message>
    private let continuation: AsyncStream<Message>.Continuation
    private let limits: Limits
    private let waitingBytes = Atomic(0)
    private let lost = Atomic(0)

    init(limits: Limits = Limits()) {
        self.limits = limits
        (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limits.messages))
    }

    /// Takes a message if there is room.
    func offer(channel: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) {
        guard waitingBytes.load(ordering: .relaxed) + payload.count <= limits.bytes else { return lose() }
        let message = Message(channel: String(decoding: channel, as: UTF8.self), bytes: Array(payload))
        waitingBytes.add(payload.count, ordering: .relaxed)
        if case .enqueued = continuation.yield(message) { return }
        taken(message)
        lose()
    }

    /// Makes room.
    func taken(_ message: Message) {
        waitingBytes.subtract(message.bytes.count, ordering: .relaxed)
    }

    /// Messages that were let go since the last question.
    func takeLost() -> Int { lost.exchange(0, ordering: .relaxed) }

    private func lose() { lost.add(1, ordering: .relaxed) }
}
