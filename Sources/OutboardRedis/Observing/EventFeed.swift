import Synchronization

/// Messages between the subscription, which never waits, and a reader, who may be slow: what does not fit is counted and
/// let go. So a slow terminal costs Redis nothing.
package final class EventFeed: Sendable {
    package struct Message: Sendable {
        package let channel: String
        package let bytes: [UInt8]
    }

    /// Bounds of what waits.
    package struct Limits: Sendable {
        package var messages: Int
        package var bytes: Int

        package init(messages: Int = 10_000, bytes: Int = 16 << 20) {
            self.messages = messages
            self.bytes = bytes
        }
    }

    /// In order, for one reader, who says `taken` of each.
    package let messages: AsyncStream<Message>
    private let continuation: AsyncStream<Message>.Continuation
    private let limits: Limits
    private let waitingBytes = Atomic(0)
    private let lost = Atomic(0)

    package init(limits: Limits = Limits()) {
        self.limits = limits
        (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(limits.messages))
    }

    /// Takes a message if there is room.
    package func offer(channel: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer) {
        guard waitingBytes.load(ordering: .relaxed) + payload.count <= limits.bytes else { return lose() }
        let message = Message(channel: String(decoding: channel, as: UTF8.self), bytes: Array(payload))
        waitingBytes.add(payload.count, ordering: .relaxed)
        if case .enqueued = continuation.yield(message) { return }
        taken(message)
        lose()
    }

    /// Makes room.
    package func taken(_ message: Message) {
        waitingBytes.subtract(message.bytes.count, ordering: .relaxed)
    }

    /// Messages that were let go since the last question.
    package func takeLost() -> Int { lost.exchange(0, ordering: .relaxed) }

    private func lose() { lost.add(1, ordering: .relaxed) }
}
