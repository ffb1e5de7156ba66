import DequeModule
package import Logging
package import NIOCore

/// A connection that hears channels, with one life.
package final class RedisSubscription: Sendable {
    package typealias OnMessage = (_ channel: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) -> Void

    private let channel: any Channel
    private let handler: NIOLoopBound<SubscriptionHandler>

    private init(channel: any Channel, handler: NIOLoopBound<SubscriptionHandler>) {
        self.channel = channel
        self.handler = handler
    }

    /// Connects, authenticates and names itself within the connect deadline. Call it on the event loop.
    ///
    /// - Parameter onMessage: Called inside the read loop, on the event loop; the pointers are valid only during the
    ///   call. Nothing is allocated for a message.
    package static func connect(
        _ settings: RedisSettings, on eventLoop: any EventLoop, logger: Logger, onMessage: @escaping OnMessage
    ) -> EventLoopFuture<RedisSubscription> {
        let deadline = NIODeadline.now() + settings.connectTimeout.timeAmount
        let onMessage = NIOLoopBound(onMessage, eventLoop: eventLoop)
        return Connector.connect(settings, on: eventLoop, readBuffer: 128 << 10) {
            try SubscriptionHandler(settings: settings, eventLoop: eventLoop, onMessage: onMessage.value)
        }.flatMap { channel in
            let subscription: RedisSubscription
            do {
                let handler = try channel.pipeline.syncOperations.handler(type: SubscriptionHandler.self)
                subscription = RedisSubscription(
                    channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
            } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
            return subscription.handler.value.greet(Connector.greeting(settings), deadline).map { subscription }
        }
    }

    /// Hears more channels; done when the server has acknowledged each of them by name.
    package func subscribe(_ channels: [String]) -> EventLoopFuture<Void> {
        change("SUBSCRIBE", channels)
    }

    /// Hears channels no longer; done when the server has acknowledged each of them by name.
    package func unsubscribe(_ channels: [String]) -> EventLoopFuture<Void> {
        change("UNSUBSCRIBE", channels)
    }

    private func change(_ verb: String, _ channels: [String]) -> EventLoopFuture<Void> {
        guard !channels.isEmpty else { return channel.eventLoop.makeSucceededVoidFuture() }
        let handler = handler
        return channel.eventLoop.flatSubmit { handler.value.change(verb, channels) }
    }

    /// Succeeds when the connection has ended, for whatever reason.
    package var closed: EventLoopFuture<Void> { channel.closeFuture }

    package func close() -> EventLoopFuture<Void> {
        channel.close(promise: nil)
        return channel.closeFuture
    }
}

/// Reads what a subscription is sent and checks acknowledgements.
final class SubscriptionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Channels whose acknowledgement is awaited.
    private struct Change {
        let isSubscribe: Bool
        var missing: Set<String>
        let promise: EventLoopPromise<Void>
        let deadline: Scheduled<Void>
    }

    private let settings: RedisSettings
    private let eventLoop: any EventLoop
    private let onMessage: RedisSubscription.OnMessage
    private var reader: ReplyReader?
    private var context: ChannelHandlerContext?
    private var greetings = Deque<(RedisCommand, EventLoopPromise<Void>)>()
    private var changes: [Change] = []
    private var failure: RedisError?

    init(
        settings: RedisSettings, eventLoop: any EventLoop, onMessage: @escaping RedisSubscription.OnMessage
    ) throws {
        self.settings = settings
        self.eventLoop = eventLoop
        self.onMessage = onMessage
        self.reader = try ReplyReader(.subscription) { [weak self] in self?.receive($0) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func greet(_ commands: [RedisCommand], _ deadline: NIODeadline) -> EventLoopFuture<Void> {
        guard let context else { return eventLoop.makeFailedFuture(closedError) }
        let commands = commands + [RedisCommand("PING")]
        let promises = commands.map { _ in context.eventLoop.makePromise(of: Void.self) }
        var buffer = context.channel.allocator.buffer(capacity: 256)
        for (command, promise) in zip(commands, promises) {
            command.write(into: &buffer)
            greetings.append((command, promise))
        }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let timeout = context.eventLoop.scheduleTask(deadline: deadline) {
            bound.value.fail(
                RedisError(
                    code: .connectionFailed,
                    message: "\(Connector.place(bound.value.settings)) did not answer in time"))
        }
        return EventLoopFuture.andAllSucceed(promises.map(\.futureResult), on: context.eventLoop).always { _ in
            timeout.cancel()
        }
    }

    func change(_ verb: String, _ channels: [String]) -> EventLoopFuture<Void> {
        guard let context, failure == nil else { return eventLoop.makeFailedFuture(closedError) }
        var buffer = context.channel.allocator.buffer(capacity: 4_096)
        RedisCommand(words: [verb] + channels).write(into: &buffer)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let deadline = context.eventLoop.scheduleTask(in: settings.commandTimeout.timeAmount) {
            bound.value.fail(
                RedisError(code: .timedOut, message: "\(verb) was not acknowledged within its deadline"))
        }
        let promise = context.eventLoop.makePromise(of: Void.self)
        changes.append(
            Change(isSubscribe: verb == "SUBSCRIBE", missing: Set(channels), promise: promise, deadline: deadline))
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        return promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            try unwrapInboundIn(data).withUnsafeReadableBytes { try reader?.feed($0) }
        } catch {
            fail(error as? RedisError ?? closedError)
        }
    }

    private func receive(_ event: ReplyEvent) {
        switch event {
        case .message(let channel, let payload): onMessage(channel, payload)
        case .subscribed(let channel): acknowledge(channel, isSubscribe: true)
        case .unsubscribed(let channel): acknowledge(channel, isSubscribe: false)
        case .status, .other, .value, .integer: greetings.popFirst()?.1.succeed()
        case .error(let text): refuse(RedisError(serverText: text))
        }
    }

    private func acknowledge(_ channel: String, isSubscribe: Bool) {
        guard let index = changes.firstIndex(where: { $0.isSubscribe == isSubscribe && $0.missing.contains(channel) })
        else { return }
        changes[index].missing.remove(channel)
        guard changes[index].missing.isEmpty else { return }
        let done = changes.remove(at: index)
        done.deadline.cancel()
        done.promise.succeed()
    }

    /// An error reply belongs to the oldest thing that waits; what comes behind it cannot be trusted any more.
    private func refuse(_ error: RedisError) {
        if let (command, promise) = greetings.popFirst() {
            let refusal = Connector.refusal(command, error)
            promise.fail(refusal)
            return fail(refusal)
        }
        fail(error)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(RedisError(code: .connectionClosed, message: "the subscription broke", underlying: error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        failAll(closedError)
        context.fireChannelInactive()
    }

    private func fail(_ error: RedisError) {
        failAll(error)
        context?.close(promise: nil)
    }

    private func failAll(_ error: RedisError) {
        failure = failure ?? error
        for (_, promise) in greetings { promise.fail(error) }
        greetings = []
        let orphans = changes
        changes = []
        for orphan in orphans {
            orphan.deadline.cancel()
            orphan.promise.fail(error)
        }
    }

    private var closedError: RedisError {
        failure
            ?? RedisError(code: .connectionClosed, message: "the subscription to \(Connector.place(settings)) ended")
    }
}
