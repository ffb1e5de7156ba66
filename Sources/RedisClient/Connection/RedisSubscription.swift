package import Logging
package import NIOCore

/// A connection that hears channels, with one life.
package final class RedisSubscription: Sendable {
    package typealias OnMessage = (_ channel: UnsafeRawBufferPointer, _ payload: UnsafeRawBufferPointer) -> Void

    private typealias Handler = ConnectionHandler<SubscriptionLedger>

    private let channel: any Channel
    private let handler: NIOLoopBound<Handler>
    private let pacer: NIOLoopBound<ReadPacer>

    private init(channel: any Channel, handler: NIOLoopBound<Handler>, pacer: NIOLoopBound<ReadPacer>) {
        self.channel = channel
        self.handler = handler
        self.pacer = pacer
    }

    /// Connects, authenticates and names itself within the connect deadline. Call it on the event loop.
    ///
    /// - Parameter onMessage: Called inside the read loop, on the event loop; the pointers are valid only during the
    ///   call. Nothing is allocated for a message.
    /// - Returns: Fails as `RedisConnection.connect` does.
    package static func connect(
        _ settings: RedisSettings, on eventLoop: any EventLoop, logger: Logger, onMessage: @escaping OnMessage
    ) -> EventLoopFuture<RedisSubscription> {
        let onMessage = NIOLoopBound(onMessage, eventLoop: eventLoop)
        return Connector.connect(settings, on: eventLoop, readBuffer: 128 << 10) {
            SubscriptionLedger(onMessage: onMessage.value)
        }.flatMapThrowing { channel, handler in
            let pacer = ReadPacer()
            // Where the connection has ended meanwhile, the handler fails whatever is asked of it.
            if channel.isActive { try channel.pipeline.syncOperations.addHandler(pacer, position: .first) }
            return RedisSubscription(
                channel: channel, handler: handler, pacer: NIOLoopBound(pacer, eventLoop: eventLoop))
        }
    }

    /// Hears more channels; done when the server has acknowledged each of them by name.
    package func subscribe(_ channels: [String]) -> EventLoopFuture<Void> {
        change(.subscribe, channels)
    }

    /// Hears channels no longer; done when the server has acknowledged each of them by name.
    package func unsubscribe(_ channels: [String]) -> EventLoopFuture<Void> {
        change(.unsubscribe, channels)
    }

    /// Reads on, or reads nothing until told to: what comes then waits with the kernel and with Redis, which cuts off
    /// who leaves too much unread. Call it on the event loop.
    ///
    /// While nothing is read, no acknowledgement is late.
    package func read(_ reads: Bool) {
        if !reads { pacer.value.stop() }
        handler.value.read(reads)
    }

    private func change(_ verb: SubscriptionLedger.Verb, _ channels: [String]) -> EventLoopFuture<Void> {
        guard !channels.isEmpty else { return channel.eventLoop.makeSucceededVoidFuture() }
        let (handler, eventLoop) = (handler, channel.eventLoop)
        return eventLoop.flatSubmit { handler.value.change(verb, channels, on: eventLoop) }
    }

    /// Succeeds when the connection has ended, for whatever reason.
    package var closed: EventLoopFuture<Void> { channel.closeFuture }

    package func close() -> EventLoopFuture<Void> {
        channel.close(promise: nil)
        return channel.closeFuture
    }
}
