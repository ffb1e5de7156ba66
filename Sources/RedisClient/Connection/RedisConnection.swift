package import Logging
package import NIOCore

/// A connection for commands, with one life: it never reopens behind its owner's back.
///
/// Methods may be called from any thread unless they say otherwise. Answers come in the order of the commands; one that
/// does not come within the command deadline closes the connection, because no later one could be told apart.
package final class RedisConnection: Sendable {
    private typealias Handler = ConnectionHandler<CommandQueue>

    package let eventLoop: any EventLoop
    private let channel: any Channel
    private let handler: NIOLoopBound<Handler>

    private init(channel: any Channel, handler: NIOLoopBound<Handler>) {
        self.eventLoop = channel.eventLoop
        self.channel = channel
        self.handler = handler
    }

    /// Connects, authenticates and names itself, all within the connect deadline.
    ///
    /// - Returns: Fails with `RedisError`: `.connectionFailed` if nobody listens there, `.badTLS`, `.tlsFailed`,
    ///   `.authenticationFailed`, `.connectionClosed`, `.timedOut`, `.protocolViolation`, or `.serverReply` if the
    ///   server refuses for another reason, for example `LOADING`.
    package static func connect(
        _ settings: RedisSettings, on eventLoop: any EventLoop, logger: Logger
    ) -> EventLoopFuture<RedisConnection> {
        Connector.connect(settings, on: eventLoop, readBuffer: 16 << 10) { CommandQueue() }.map { channel, handler in
            RedisConnection(channel: channel, handler: handler)
        }
    }

    /// Sends one command. An error reply fails the future with `.serverReply`.
    package func send(_ command: RedisCommand) -> EventLoopFuture<RedisValue> {
        let promise = eventLoop.makePromise(of: RedisValue.self)
        onLoop { $0.send(command, promise) }
        return promise.futureResult
    }

    /// Sends commands in one write; each reply or error is there, in order.
    package func pipeline(_ commands: [RedisCommand]) -> EventLoopFuture<[Result<RedisValue, RedisError>]> {
        let promises = commands.map { _ in eventLoop.makePromise(of: RedisValue.self) }
        onLoop { $0.send(commands, promises) }
        return EventLoopFuture.whenAllComplete(promises.map(\.futureResult), on: eventLoop).map { results in
            results.map { result in
                result.mapError { error in
                    error as? RedisError
                        ?? RedisError(code: .connectionClosed, message: "the connection ended", underlying: error)
                }
            }
        }
    }

    /// Runs a script by its digest, or with its source where the server does not know it.
    package func evaluate(
        _ script: RedisScript, keys: [String], arguments: RedisArguments
    ) -> EventLoopFuture<RedisValue> {
        var rest = RedisArguments()
        rest.append(keys.count)
        for key in keys { rest.append(key) }
        rest.append(contentsOf: arguments)
        let keysAndArguments = rest
        var call = RedisArguments()
        call.append(script.digest)
        call.append(contentsOf: rest)
        return send(RedisCommand("EVALSHA", arguments: call)).flatMapError { error in
            guard (error as? RedisError)?.serverCode == "NOSCRIPT" else {
                return self.eventLoop.makeFailedFuture(error)
            }
            var full = RedisArguments()
            script.source.withUnsafeBytes { full.append($0) }
            full.append(contentsOf: keysAndArguments)
            return self.send(RedisCommand("EVAL", arguments: full))
        }
    }

    // MARK: Counted commands, on the event loop only

    /// Writes bytes that hold whole commands; `flush` sends them. Their answers are counted, not awaited.
    ///
    /// What waits in the socket is not bounded here: the caller knows how many replies it still expects.
    ///
    /// - Throws: If the connection has ended: then nothing was written and no reply will come.
    package func writeCounted(_ frames: ByteBuffer, replies: Int) throws(RedisError) {
        try handler.value.writeCounted(frames, replies: replies)
    }

    package func flush() {
        handler.value.flush()
    }

    /// Called on the event loop for each answer to a counted command, in order; once with an error if the connection
    /// ends before all have come.
    package func setCountedReplyHandler(_ onCounted: @escaping (CountedReply) -> Void) {
        handler.value.role.onCounted = onCounted
    }

    /// Whether the socket takes more bytes at once.
    package var isWritable: Bool { handler.value.isWritable }

    // MARK: Ending

    /// Succeeds when the connection has ended, for whatever reason.
    package var closed: EventLoopFuture<Void> { channel.closeFuture }

    package func close() -> EventLoopFuture<Void> {
        channel.close(promise: nil)
        return channel.closeFuture
    }

    private func onLoop(_ body: @escaping @Sendable (Handler) -> Void) {
        if eventLoop.inEventLoop { return body(handler.value) }
        let handler = handler
        eventLoop.execute { body(handler.value) }
    }
}
