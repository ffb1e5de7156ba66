import NIOCore
import Outboard
import RedisClient

/// Waits for the event of one request and follows it until every plugin that hears requests has dealt with it.
///
/// It only listens and reads. Pub/sub keeps nothing, so it must listen before the request is sent.
package struct RequestTracer: Sendable {
    /// Between two looks at the fences.
    private static let look = Duration.milliseconds(20)

    private let configuration: BusConfiguration
    private let clientName: String

    /// - Parameter clientName: What `CLIENT LIST` shows of the connection for questions.
    package init(_ configuration: BusConfiguration, clientName: String) {
        self.configuration = configuration
        self.clientName = clientName
    }

    /// Waits for the first `http.request` event with this request id.
    ///
    /// - Parameter say: Told what happens to the connection, for people.
    /// - Returns: The event, or nil if it did not come in time or the task was cancelled before; and how many messages came
    ///   faster than they could be looked through and were left out.
    /// - Throws: `RedisError` if the first connection does not come about.
    package func event(
        ofRequest requestID: String, until deadline: ContinuousClock.Instant,
        say: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> (event: HeardEvent?, leftOut: Int) {
        let feed = EventFeed()
        let listener = EventListener(
            configuration: configuration, type: HTTPRequest.eventType, feed: feed, say: say)
        let event = try await withThrowingTaskGroup(of: HeardEvent?.self) { group in
            group.addTask {
                try? await Task.sleep(until: deadline)  // only a cancellation ends it early
                return nil
            }
            group.addTask {
                try await listener.run()
                return nil
            }
            group.addTask { await Self.first(in: feed, ofRequest: requestID) }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        return (event, feed.takeLost())
    }

    /// Asks for the fences until all have passed the event or the time is over.
    ///
    /// - Returns: How far the event has come; a plugin that waits when the time is over is part of the answer.
    /// - Throws: `RedisError`, or `CancellationError`.
    package func trace(of event: HeardEvent, until deadline: ContinuousClock.Instant) async throws -> RequestTrace {
        let (names, start) = (configuration.names, ContinuousClock.now)
        return try await configuration.withConnection(named: clientName) { redis in
            let plugins = try await EventTypes(redis, names: names).plugins(hearing: HTTPRequest.eventType)
            let reader = PluginReader(names: names, redis: redis)
            var writers: [(name: String, effects: [ManifestSummary.Effect])] = []
            for plugin in plugins {
                writers.append((plugin.rawValue, try await reader.manifest(of: plugin)?.declaredEffects ?? []))
            }
            var trace = RequestTrace(event, plugins: writers)
            while true {
                for plugin in plugins {
                    let question = RedisCommand("HGET", names.book(plugin, .applied), event.source)
                    let fence = try await redis.send(question).get()
                    trace.note(
                        fence: try fence.stringOrNil().flatMap { UInt64($0) }, of: plugin.rawValue,
                        afterMilliseconds: Int64((ContinuousClock.now - start) / .milliseconds(1)))
                }
                guard !trace.isDone, ContinuousClock.now < deadline else { return trace }
                try await Task.sleep(for: Self.look)
            }
        }
    }

    private static func first(in feed: EventFeed, ofRequest requestID: String) async -> HeardEvent? {
        let mark = Mark(of: requestID)
        for await message in feed.messages {
            feed.taken(message)
            // Nearly all messages are about other requests, and to make events of them would cost ten times as much.
            guard mark.mayBe(in: message.bytes) else { continue }
            let found = HeardEvent.events(in: message.bytes, channel: message.channel).first { event in
                event.request?.requestID == requestID
            }
            if let found { return found }
        }
        return nil
    }

    /// The bytes by which a message shows that it may be about a request.
    private struct Mark {
        /// Nil where the id may be written in several ways in JSON.
        private let bytes: [UInt8]?

        init(of requestID: String) {
            let bytes = Array(requestID.utf8)
            let isPlain =
                !bytes.isEmpty
                && bytes.allSatisfy { byte in
                    byte.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
                }
            self.bytes = isPlain ? bytes : nil
        }

        func mayBe(in message: [UInt8]) -> Bool {
            guard let bytes, let first = bytes.first else { return true }
            // A publisher of another kind may escape what it need not.
            if message.contains(UInt8(ascii: "\\")) { return true }
            guard message.count >= bytes.count else { return false }
            return message.withUnsafeBufferPointer { message in
                (0...message.count - bytes.count).contains { start in
                    message[start] == first && message[start..<start + bytes.count].elementsEqual(bytes)
                }
            }
        }
    }
}
