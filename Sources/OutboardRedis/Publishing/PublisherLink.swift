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
    private(set) var isOpen = true
    /// Called with the number of events that each acknowledged message held.
    var onProgress: ((Int) -> Void)?
    /// Why Redis refused something; the connection is of no use then.
    private(set) var refusal: RedisError?

    init(connection: RedisConnection, record: String) {
        self.connection = connection
        self.record = record
        connection.setCountedReplyHandler { [weak self] reply in self?.receive(reply) }
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

    /// Writes zero for each lane of a type into the record, ahead of the type's first event.
    func announce(_ fields: [String]) {
        var arguments = RedisArguments()
        arguments.append(record)
        for field in fields {
            arguments.append(field)
            arguments.append(0)
        }
        let bound = NIOLoopBound(self, eventLoop: connection.eventLoop)
        connection.send(RedisCommand("HSET", arguments: arguments)).whenFailure { bound.value.refuse($0) }
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
        isOpen = false
        refusal = error as? RedisError
        _ = connection.close()
    }
}
