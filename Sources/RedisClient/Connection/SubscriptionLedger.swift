import NIOCore

/// Hands messages out and checks that the server acknowledges each channel by name.
final class SubscriptionLedger: ConnectionRole {
    static let mode = ReplyReader.Mode.subscription

    enum Verb: String {
        case subscribe = "SUBSCRIBE"
        case unsubscribe = "UNSUBSCRIBE"
    }

    /// Channels whose acknowledgement is awaited.
    private struct Change {
        let verb: Verb
        var missing: Set<String>
        let since: NIODeadline
        let promise: EventLoopPromise<Void>
    }

    private let onMessage: RedisSubscription.OnMessage
    private var changes: [Change] = []
    /// Since when what comes is read; nil while it is not.
    fileprivate var readsSince: NIODeadline? = .now()

    init(onMessage: @escaping RedisSubscription.OnMessage) {
        self.onMessage = onMessage
    }

    var waitingSince: NIODeadline? {
        guard let readsSince, let change = changes.first else { return nil }
        return max(change.since, readsSince)
    }

    func expect(_ verb: Verb, _ channels: [String], _ promise: EventLoopPromise<Void>) {
        changes.append(Change(verb: verb, missing: Set(channels), since: .now(), promise: promise))
    }

    func receive(_ event: ReplyEvent) -> RedisError? {
        switch event {
        case .message(let channel, let payload): onMessage(channel, payload)
        case .subscribed(let channel): return acknowledge(.subscribe, channel)
        case .unsubscribed(let channel): return acknowledge(.unsubscribe, channel)
        // An error belongs to the oldest change, some of whose channels may be heard: nothing is certain any more.
        case .error(let text): return RedisError(serverText: text)
        case .status, .integer, .integers, .value, .other:
            return RedisError(code: .protocolViolation, message: "an answer that no subscription gets")
        }
        return nil
    }

    private func acknowledge(_ verb: Verb, _ channel: String) -> RedisError? {
        guard let index = changes.firstIndex(where: { $0.verb == verb && $0.missing.contains(channel) }) else {
            return RedisError(
                code: .protocolViolation, message: "\(verb.rawValue) was acknowledged for a channel not asked for")
        }
        changes[index].missing.remove(channel)
        if changes[index].missing.isEmpty { changes.remove(at: index).promise.succeed() }
        return nil
    }

    func end(_ error: RedisError) {
        let orphans = changes
        changes = []
        for orphan in orphans { orphan.promise.fail(error) }
    }
}

extension ConnectionHandler<SubscriptionLedger> {
    func read(_ reads: Bool) {
        guard let context = open, reads == (role.readsSince == nil) else { return }
        role.readsSince = reads ? .now() : nil
        do {
            try context.channel.syncOptions?.setOption(.autoRead, value: reads)
        } catch {
            end(RedisError(code: .connectionClosed, message: "the socket cannot be read", underlying: error))
        }
    }

    func change(
        _ verb: SubscriptionLedger.Verb, _ channels: [String], on eventLoop: any EventLoop
    ) -> EventLoopFuture<Void> {
        guard let context = open else { return eventLoop.makeFailedFuture(closedError) }
        // Redis acknowledges a channel as often as it is named.
        let channels = Array(Set(channels))
        let command = RedisCommand(words: [verb.rawValue] + channels)
        var buffer = context.channel.allocator.buffer(capacity: command.size)
        command.write(into: &buffer)
        let promise = eventLoop.makePromise(of: Void.self)
        role.expect(verb, channels, promise)
        write(buffer, to: context)
        flush()
        return promise.futureResult
    }
}
