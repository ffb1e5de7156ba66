import DequeModule
import NIOCore
import RedisClient

/// A publisher's connection while it is open for events: what is on the wire and what came back. Event loop only.
final class PublisherLink {
    let connection: RedisConnection
    let record: String
    let allocator = ByteBufferAllocator()
    /// Events in each message that Redis has not acknowledged, in order.
    private(set) var unanswered = Deque<Int>()
    /// Called with the number of events that each acknowledged message held.
    var onProgress: ((Int) -> Void)?
    /// Why the connection is of no use any more: what Redis refused, or how it ended.
    private(set) var refusal: (any Error)?

    var isOpen: Bool { refusal == nil }

    init(connection: RedisConnection, record: String) {
        self.connection = connection
        self.record = record
        connection.setCountedReplyHandler { [weak self] reply in self?.receive(reply) }
        let bound = NIOLoopBound(WeakLink(link: self), eventLoop: connection.eventLoop)
        connection.closed.whenComplete { _ in
            bound.value.link?.refuse(RedisError(code: .connectionClosed, message: "the publisher's connection ended"))
        }
    }

    private struct WeakLink {
        weak var link: PublisherLink?
    }

    func send(_ frames: Outbox.Frames) {
        do {
            try connection.writeCounted(frames.bytes, replies: frames.messages.count)
        } catch {
            return refuse(error)
        }
        unanswered.append(contentsOf: frames.messages)
        connection.flush()
    }

    /// Writes fields of the record into the pipeline; one that Redis refuses ends the connection.
    @discardableResult
    func write(_ fields: [(name: String, number: UInt64)]) -> EventLoopFuture<Void> {
        var arguments = RedisArguments()
        arguments.append(record)
        for (name, number) in fields {
            arguments.append(name)
            arguments.append(number)
        }
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        let written = connection.send(RedisCommand("HSET", arguments: arguments)).map { _ in () }
        written.whenFailure { bound.value.refuse($0) }
        return written
    }

    private func receive(_ reply: CountedReply) {
        let events = unanswered.popFirst() ?? 0
        switch reply {
        case .integer: onProgress?(events)
        case .other: refuse(RedisError(code: .unexpectedReply, message: "PUBLISH was not answered by an integer"))
        case .error(let error): refuse(error)
        }
    }

    /// A refused `PUBLISH` or record breaks the order of what was numbered, so all of it is sent again later.
    func refuse(_ error: any Error) {
        guard isOpen else { return }
        refusal = error
        _ = connection.close()
    }
}
