import DequeModule
import NIOCore

/// Answers to counted commands.
package enum CountedReply {
    /// So many commands, one behind the other, were answered by an integer each.
    case integers(Int)
    case other
    case error(RedisError)
}

/// Gives answers to whom they belong: Redis answers in order, so a queue is all it takes.
final class CommandQueue: ConnectionRole {
    static let mode = ReplyReader.Mode.commands

    private enum Waiting {
        case promise(EventLoopPromise<RedisValue>)
        /// Replies that still come for a block of counted commands.
        case counted(Int)
    }

    private var waiting = Deque<(what: Waiting, since: NIODeadline)>()
    var onCounted: ((CountedReply) -> Void)?

    var waitingSince: NIODeadline? { waiting.first?.since }

    var countable: Int {
        guard case .counted(let count)? = waiting.first?.what else { return 0 }
        return count
    }

    func expect(_ promise: EventLoopPromise<RedisValue>) {
        waiting.append((.promise(promise), .now()))
    }

    func expect(counted replies: Int) {
        waiting.append((.counted(replies), .now()))
    }

    func receive(_ event: ReplyEvent) -> RedisError? {
        guard let first = waiting.first else {
            return RedisError(code: .protocolViolation, message: "an answer that nobody asked for")
        }
        switch first.what {
        case .promise(let promise):
            waiting.removeFirst()
            switch event {
            case .value(let value): promise.succeed(value)
            case .integer(let number): promise.succeed(.integer(number))
            case .status(let text): promise.succeed(.status(text))
            case .error(let text): promise.fail(RedisError(serverText: text))
            default:
                let error = RedisError(code: .protocolViolation, message: "a push on a command connection")
                promise.fail(error)
                return error
            }
        case .counted(let count):
            var answered = 1
            if case .integers(let number) = event { answered = number }
            if answered >= count { waiting.removeFirst() } else { waiting[0] = (.counted(count - answered), .now()) }
            switch event {
            case .integers, .integer: onCounted?(.integers(answered))
            case .error(let text): onCounted?(.error(RedisError(serverText: text)))
            default: onCounted?(.other)
            }
        }
        return nil
    }

    /// Whoever counts is told once, however many replies are missing.
    func end(_ error: RedisError) {
        let orphans = waiting
        waiting = []
        var isCounting = false
        for orphan in orphans {
            switch orphan.what {
            case .promise(let promise): promise.fail(error)
            case .counted: isCounting = true
            }
        }
        if isCounting { onCounted?(.error(error)) }
    }
}

extension ConnectionHandler<CommandQueue> {
    func send(_ command: RedisCommand, _ promise: EventLoopPromise<RedisValue>) {
        write(command, promise)
        flush()
    }

    func send(_ commands: [RedisCommand], _ promises: [EventLoopPromise<RedisValue>]) {
        for (command, promise) in zip(commands, promises) { write(command, promise) }
        flush()
    }

    /// Writes bytes that hold whole commands.
    ///
    /// - Throws: If the connection has ended: then nothing was written and no reply will come.
    func writeCounted(_ frames: ByteBuffer, replies: Int) throws(RedisError) {
        guard replies > 0 else { return }
        guard let context = open else { throw closedError }
        role.expect(counted: replies)
        write(frames, to: context)
    }

    private func write(_ command: RedisCommand, _ promise: EventLoopPromise<RedisValue>) {
        guard let context = open else { return promise.fail(closedError) }
        guard outstandingBytes(context) + command.size <= settings.outboxLimitBytes else {
            return promise.fail(
                RedisError(
                    code: .outboxFull,
                    message: "\(command.name): more than \(settings.outboxLimitBytes) bytes wait to be sent"))
        }
        var buffer = context.channel.allocator.buffer(capacity: command.size)
        command.write(into: &buffer)
        role.expect(promise)
        write(buffer, to: context)
    }

    private func outstandingBytes(_ context: ChannelHandlerContext) -> Int {
        // A channel without that option counts nothing; every channel of NIO's has it.
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
