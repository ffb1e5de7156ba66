import DequeModule
import Logging
import NIOCore

/// An answer to a counted command.
package enum CountedReply {
    case integer(Int64)
    case other
    case error(RedisError)
}

/// Writes commands and gives answers to whom they belong: Redis answers in order, so a queue is all it takes.
final class CommandHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Waiting {
        case promise(EventLoopPromise<RedisValue>)
        /// Replies that still come for a block of counted commands.
        case counted(Int)
    }

    private let settings: RedisSettings
    private var reader: ReplyReader?
    private var waiting = Deque<(what: Waiting, since: NIODeadline)>()
    private var context: ChannelHandlerContext?
    private var watch: RepeatedTask?
    private(set) var failure: RedisError?
    var onCounted: ((CountedReply) -> Void)?

    init(settings: RedisSettings) throws {
        self.settings = settings
        self.reader = try ReplyReader(.commands) { [weak self] in self?.receive($0) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let deadline = settings.commandTimeout.timeAmount
        let bound = NIOLoopBound(WeakHandler(handler: self), eventLoop: context.eventLoop)
        // One timer for all commands: a quarter of the deadline late at most.
        watch = context.eventLoop.scheduleRepeatedTask(
            initialDelay: .nanoseconds(deadline.nanoseconds / 4), delay: .nanoseconds(deadline.nanoseconds / 4)
        ) { _ in bound.value.handler?.checkDeadline(deadline) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch?.cancel()
        watch = nil
        self.context = nil
    }

    // MARK: Sending

    func send(_ command: RedisCommand, _ promise: EventLoopPromise<RedisValue>) {
        write(command, promise)
        context?.flush()
    }

    func send(_ commands: [RedisCommand], _ promises: [EventLoopPromise<RedisValue>]) {
        for (command, promise) in zip(commands, promises) { write(command, promise) }
        context?.flush()
    }

    private func write(_ command: RedisCommand, _ promise: EventLoopPromise<RedisValue>) {
        guard let context, failure == nil, context.channel.isActive else { return promise.fail(closedError) }
        guard outstandingBytes + command.size <= settings.outboxLimitBytes else {
            return promise.fail(
                RedisError(
                    code: .outboxFull,
                    message: "\(command.name): more than \(settings.outboxLimitBytes) bytes wait to be sent"))
        }
        var buffer = context.channel.allocator.buffer(capacity: command.size)
        command.write(into: &buffer)
        waiting.append((.promise(promise), .now()))
        context.write(wrapOutboundOut(buffer), promise: nil)
    }

    func writeCounted(_ frames: ByteBuffer, replies: Int) {
        guard let context, failure == nil, replies > 0 else { return }
        waiting.append((.counted(replies), .now()))
        context.write(wrapOutboundOut(frames), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    private var outstandingBytes: Int {
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try unwrapInboundIn(data).withUnsafeReadableBytes { try reader?.feed($0) }
        } catch {
            fail(error as? RedisError ?? closedError, context)
        }
    }

    private func receive(_ event: ReplyEvent) {
        guard let first = waiting.first else {
            guard let context else { return }
            return fail(RedisError(code: .protocolViolation, message: "an answer that nobody asked for"), context)
        }
        switch first.what {
        case .promise(let promise):
            waiting.removeFirst()
            switch event {
            case .value(let value): promise.succeed(value)
            case .integer(let number): promise.succeed(.integer(number))
            case .status(let text): promise.succeed(.status(text))
            case .error(let text): promise.fail(RedisError(serverText: text))
            default: promise.fail(RedisError(code: .protocolViolation, message: "a push on a command connection"))
            }
        case .counted(let count):
            if count == 1 { waiting.removeFirst() } else { waiting[0] = (.counted(count - 1), .now()) }
            switch event {
            case .integer(let number): onCounted?(.integer(number))
            case .error(let text): onCounted?(.error(RedisError(serverText: text)))
            default: onCounted?(.other)
            }
        }
    }

    // MARK: Ending

    /// Keeps the timer from keeping the handler.
    private struct WeakHandler {
        weak var handler: CommandHandler?
    }

    private func checkDeadline(_ deadline: TimeAmount) {
        guard let first = waiting.first, let context, first.since + deadline <= .now() else { return }
        fail(RedisError(code: .timedOut, message: "no answer within \(settings.commandTimeout)"), context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(RedisError(code: .connectionClosed, message: "the connection broke", underlying: error), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        failAll(failure ?? closedError)
        context.fireChannelInactive()
    }

    private func fail(_ error: RedisError, _ context: ChannelHandlerContext) {
        guard failure == nil else { return }
        failure = error
        failAll(error)
        context.close(promise: nil)
    }

    private func failAll(_ error: RedisError) {
        failure = failure ?? error
        let orphans = waiting
        waiting = []
        for orphan in orphans {
            if case .promise(let promise) = orphan.what { promise.fail(error) }
        }
    }

    private var closedError: RedisError {
        failure ?? RedisError(code: .connectionClosed, message: "the connection to \(Connector.place(settings)) ended")
    }
}
