import NIOCore
import NIOTLS

/// What a connection is for, once the greeting is over: who gets what comes, and what waits for it.
protocol ConnectionRole: AnyObject, SendableMetatype {
    static var mode: ReplyReader.Mode { get }

    /// Takes one thing that came.
    ///
    /// - Returns: Why nothing that comes later could be trusted, if so; ends the connection.
    func receive(_ event: ReplyEvent) -> RedisError?

    /// How many of the next answers are only counted, as long as they are integers.
    var countable: Int { get }

    /// Since when the oldest thing has waited for its answer.
    var waitingSince: NIODeadline? { get }

    /// Fails all that waits: the connection has ended.
    func end(_ error: RedisError)
}

extension ConnectionRole {
    /// None.
    var countable: Int { 0 }
}

/// The life of one connection to Redis, the same for commands and subscriptions: greeting, answers, deadlines, and one
/// end, whose reason everybody who waits or comes later is told.
final class ConnectionHandler<Role: ConnectionRole>: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let settings: RedisSettings
    let role: Role
    // Unchecked: looked at for every reply, on the connection's event loop only; nothing is called
    // while one of them is changed.
    @exclusivity(unchecked) private var reader: ReplyReader?
    @exclusivity(unchecked) private var greeting: (progress: Greeting, done: EventLoopPromise<Void>)?
    private var context: ChannelHandlerContext?
    private var watch: RepeatedTask?
    /// Why the connection ended.
    @exclusivity(unchecked) private(set) var failure: RedisError?

    init(_ role: Role, settings: RedisSettings) throws {
        self.role = role
        self.settings = settings
        // The reader is ours alone and calls back only while we feed it, so we are there; a weak reference would cost
        // more than the reply.
        self.reader = try ReplyReader(Role.mode) { [unowned(unsafe) self] in receive($0) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let deadline = settings.commandTimeout.timeAmount
        // The timer keeps us until `handlerRemoved` cancels it. A weak reference would make every reference to us dearer,
        // and there are several a message.
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // One timer for all that waits: a quarter of the deadline late at most.
        watch = context.eventLoop.scheduleRepeatedTask(
            initialDelay: .nanoseconds(deadline.nanoseconds / 4), delay: .nanoseconds(deadline.nanoseconds / 4)
        ) { _ in bound.value.checkDeadline(deadline) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        watch?.cancel()
        watch = nil
        self.context = nil
    }

    // MARK: Greeting

    /// Says who we are; done when the server has agreed to all of it.
    ///
    /// - Returns: Fails with `RedisError` that tells refusal, silence, a closed connection and TLS apart.
    func greet(until deadline: NIODeadline, on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let progress = Greeting(settings)
        guard let context, failure == nil else {
            return eventLoop.makeFailedFuture(failure ?? progress.ended(by: nil))
        }
        let done = eventLoop.makePromise(of: Void.self)
        greeting = (progress, done)
        var buffer = context.channel.allocator.buffer(capacity: 256)
        for command in progress.commands { command.write(into: &buffer) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let timeout = eventLoop.scheduleTask(deadline: deadline) {
            guard let timedOut = bound.value.greeting?.progress.timedOut else { return }
            bound.value.end(timedOut)
        }
        return done.futureResult.always { _ in timeout.cancel() }
    }

    private func greet(_ event: ReplyEvent) {
        switch greeting?.progress.receive(event) {
        case .waiting, nil: break
        case .failed(let error): end(error)
        case .done:
            let done = greeting?.done
            greeting = nil
            done?.succeed()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent { greeting?.progress.becomeSecure() }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Writing

    /// The channel while it takes anything.
    var open: ChannelHandlerContext? {
        guard let context, failure == nil, context.channel.isActive else { return nil }
        return context
    }

    func write(_ bytes: ByteBuffer, to context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            reader?.countable = role.countable
            try unwrapInboundIn(data).withUnsafeReadableBytes { try reader?.feed($0) }
        } catch {
            ended(by: error)
        }
    }

    private func receive(_ event: ReplyEvent) {
        // Several replies may lie in one read; what comes behind the end is no longer anybody's.
        guard failure == nil else { return }
        if greeting != nil { return greet(event) }
        if let error = role.receive(event) { end(error) }
        reader?.countable = role.countable
    }

    // MARK: Ending

    private func checkDeadline(_ deadline: TimeAmount) {
        guard let since = role.waitingSince, since + deadline <= .now() else { return }
        end(RedisError(code: .timedOut, message: "no answer within \(settings.commandTimeout)"))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended(by: error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended(by: nil)
        context.fireChannelInactive()
    }

    private func ended(by cause: (any Error)?) {
        if let greeting { return end(greeting.progress.ended(by: cause)) }
        end(
            cause as? RedisError
                ?? RedisError(
                    code: .connectionClosed, message: "the connection to \(Connector.place(settings)) ended",
                    underlying: cause))
    }

    /// Ends the connection for this reason, or for an earlier one.
    func end(_ error: RedisError) {
        guard failure == nil else { return }
        failure = error
        let greeting = greeting
        self.greeting = nil
        greeting?.done.fail(error)
        role.end(error)
        context?.close(promise: nil)
    }

    /// Why nothing can be sent any more.
    var closedError: RedisError {
        failure
            ?? RedisError(code: .connectionClosed, message: "the connection to \(Connector.place(settings)) ended")
    }
}
