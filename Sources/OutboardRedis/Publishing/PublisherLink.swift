import DequeModule
import NIOCore
import RedisClient

/// A publisher's connection while it is open for events: what is on the wire and what came back. Event loop only.
final class PublisherLink {
    let connection: RedisConnection
    let record: String
    let allocator = ByteBufferAllocator()
    /// Messages that Redis has not acknowledged.
    private(set) var unanswered = 0
    /// The same, with the events in each, in order.
    private var runs = Deque<Outbox.MessageRun>()
    /// Called with the number of events in the messages that were just acknowledged.
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
            try connection.writeCounted(frames.bytes, replies: frames.messages)
        } catch {
            return refuse(error)
        }
        unanswered += frames.messages
        runs.append(contentsOf: frames.runs)
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
        switch reply {
        case .integers(let messages): onProgress?(take(messages))
        case .other: refuse(RedisError(code: .unexpectedReply, message: "PUBLISH was not answered by an integer"))
        case .error(let error): refuse(error)
        }
    }

    /// Takes acknowledged messages off.
    ///
    /// - Returns: The number of events in them.
    private func take(_ messages: Int) -> Int {
        unanswered -= messages
        var (left, events) = (messages, 0)
        while left > 0, let first = runs.first {
            let taken = min(left, first.messages)
            left -= taken
            events += taken * first.eventsEach
            if taken == first.messages { runs.removeFirst() } else { runs[0].messages -= taken }
        }
        return events
    }

    /// A refused `PUBLISH` or record breaks the order of what was numbered, so all of it is sent again later.
    func refuse(_ error: any Error) {
        guard isOpen else { return }
        refusal = error
        _ = connection.close()
    }
}
