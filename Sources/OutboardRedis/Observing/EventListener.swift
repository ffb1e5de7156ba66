import Logging
import NIOCore
import NIOPosix
import Outboard
import RedisClient

/// Subscribes to the lanes of one type or of all, and puts what comes into a feed, over new connections as long as
/// nobody cancels it.
package struct EventListener: Sendable {
    /// How often it looks for types that are new.
    private static let pace = Duration.seconds(1)
    private static let clientName = "outboard-listener"
    /// Types of publishers that lived within this time are followed from the start.
    private static let firstLook = Duration.seconds(86_400)
    private static let laterLook = Duration.seconds(30)

    let configuration: BusConfiguration
    /// Nil for all types.
    let type: String?
    let feed: EventFeed
    /// Told what happens to the connection, for people.
    let say: @Sendable (String) -> Void

    package init(
        configuration: BusConfiguration, type: String?, feed: EventFeed, say: @escaping @Sendable (String) -> Void
    ) {
        self.configuration = configuration
        self.type = type
        self.feed = feed
        self.say = say
    }

    /// - Throws: `RedisError` if the first connection does not come about.
    package func run() async throws {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var wasConnected = false
        while !Task.isCancelled {
            do {
                try await listen(isBack: wasConnected) {
                    wasConnected = true
                    backoff.reset()
                }
            } catch is CancellationError {
                return
            } catch let error as RedisError where wasConnected && !Task.isCancelled {
                say("Redis is away, events are not seen: \(error)")
            }
            try? await Task.sleep(for: backoff.next(using: &generator))  // only a cancellation ends it early
        }
    }

    /// One life of the two connections.
    private func listen(isBack: Bool, connected: () -> Void) async throws {
        try await configuration.withConnection(named: Self.clientName) { redis in
            let subscription = try await subscribe()
            let result: Result<Void, any Error>
            do {
                result = .success(try await follow(subscription, redis, isBack: isBack, connected))
            } catch { result = .failure(error) }
            try? await subscription.close().get()  // it may have ended already
            try result.get()
        }
    }

    private func subscribe() async throws -> RedisSubscription {
        var settings = configuration.redis
        settings.clientName = Self.clientName
        let (eventLoop, feed, connecting) = (MultiThreadedEventLoopGroup.singleton.next(), feed, settings)
        return try await eventLoop.flatSubmit {
            RedisSubscription.connect(connecting, on: eventLoop, logger: Logger(label: "outboard")) {
                channel, payload in
                feed.offer(channel: channel, payload: payload)
            }
        }.get()
    }

    /// Subscribes to whatever types there are, until a connection ends.
    private func follow(
        _ subscription: RedisSubscription, _ redis: RedisConnection, isBack: Bool, _ connected: () -> Void
    ) async throws {
        let types = EventTypes(redis, names: configuration.names)
        let lanes = try await types.lanes()
        var followed: Set<String> = []
        while true {
            let wanted: Set<String>
            if let type {
                wanted = [type]
            } else {
                // Who has published since the look before has a heartbeat since then.
                wanted = try await types.all(publishedWithin: followed.isEmpty ? Self.firstLook : Self.laterLook)
            }
            let new = wanted.subtracting(followed).sorted()
            for type in new { try await subscription.subscribe(types.channels(of: type, lanes: lanes)).get() }
            if !new.isEmpty {
                let news = isBack && followed.isEmpty ? "Redis is back; " : ""
                say("\(news)hears \(lanes) lanes of \(new.joined(separator: ", "))")
                connected()
            }
            followed.formUnion(new)
            try await Task.sleep(for: Self.pace)
            // An ended subscription refuses this; the connection for questions has its own end.
            try await subscription.subscribe(types.channels(of: followed.first ?? "", lanes: 1)).get()
        }
    }
}
