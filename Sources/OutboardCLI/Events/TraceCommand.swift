import ArgumentParser
import NIOCore
import Outboard
import OutboardRedis
import RedisClient

/// `outboard trace`: what becomes of one request.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Follows the event of one request until every plugin has dealt with it.",
        discussion: """
            It waits for the http.request event with this request_id and then asks each plugin that hears requests \
            how far it is: an event is dealt with (handled, failed or missed) once the plugin's fence has reached its \
            number. Beneath each plugin stands what it writes, as its manifest declares. Pub/sub keeps nothing, so start it before the request.

            Example:
              outboard trace my-request-1 & curl -H 'x-request-id: my-request-1' localhost:8080/hello; wait

            Exit codes: 0 every plugin has dealt with it, 1 it was not heard or some plugin waits, 64 bad usage, 69 \
            Redis not reachable.
            """)

    @Argument(help: "The request's id, as in data.request_id of the event.")
    var requestID: String

    @Option(help: "Ends after so many seconds in any case.")
    var seconds = 30

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    private static let look = Duration.milliseconds(20)

    func validate() throws {
        guard (1...86_400).contains(seconds) else {
            throw ValidationError("--seconds \(seconds): needs a number from 1 to 86400")
        }
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let deadline = ContinuousClock.now + .seconds(seconds)
            guard let event = try await heard(configuration, until: deadline) else {
                throw CommandFailure.exit(
                    "no \(HTTPRequest.eventType) event with request_id '\(requestID)' came within \(seconds) s; "
                        + "trace sees only what is published while it runs",
                    code: 1)
            }
            if !json {
                Output.write(lines: RequestTrace(event, plugins: []).head)
            }
            let trace = try await BusOptions.withConnection(configuration) { redis in
                try await followed(event, configuration.names, redis, until: deadline)
            }
            if json {
                Output.write(try JSONText.of(trace))
            } else {
                Output.write(lines: trace.stepLines)
            }
            if !trace.isDone { throw ExitCode(1) }
        }
    }

    /// The event, or nil if it did not come in time or a signal came before.
    private func heard(
        _ configuration: BusConfiguration, until deadline: ContinuousClock.Instant
    ) async throws -> HeardEvent? {
        let feed = EventFeed()
        let stop = StopSignals()
        let listener = EventListener(
            configuration: configuration, type: HTTPRequest.eventType, feed: feed,
            say: { Console().note(Printable.line($0)) })
        return try await withThrowingTaskGroup(of: HeardEvent?.self) { group in
            group.addTask {
                await stop.first()
                return nil
            }
            group.addTask {
                try? await Task.sleep(until: deadline)  // only a cancellation ends it early
                return nil
            }
            group.addTask {
                try await listener.run()
                return nil
            }
            group.addTask { await first(in: feed) }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private func first(in feed: EventFeed) async -> HeardEvent? {
        for await message in feed.messages {
            feed.taken(message)
            let found = HeardEvent.events(in: message.bytes, channel: message.channel).first { event in
                event.request?.requestID == requestID
            }
            if let found { return found }
        }
        return nil
    }

    /// Asks for the fences until all have passed the event or the time is over.
    private func followed(
        _ event: HeardEvent, _ names: RedisNames, _ redis: RedisConnection, until deadline: ContinuousClock.Instant
    ) async throws -> RequestTrace {
        let start = ContinuousClock.now
        let plugins = try await EventTypes(redis, names: names).plugins(hearing: HTTPRequest.eventType)
        let reader = PluginReader(names: names, redis: redis)
        var writers: [(name: String, effects: [ManifestSummary.Effect])] = []
        for plugin in plugins {
            writers.append((plugin.rawValue, try await reader.manifest(of: plugin)?.declaredEffects ?? []))
        }
        var trace = RequestTrace(event, plugins: writers)
        while true {
            for plugin in plugins {
                let fence = try await redis.send(RedisCommand("HGET", names.book(plugin, .applied), event.source)).get()
                trace.note(
                    fence: try fence.stringOrNil().flatMap { UInt64($0) }, of: plugin.rawValue,
                    afterMilliseconds: Int64((ContinuousClock.now - start) / .milliseconds(1)))
            }
            guard !trace.isDone, ContinuousClock.now < deadline else { return trace }
            try await Task.sleep(for: Self.look)
        }
    }
}
