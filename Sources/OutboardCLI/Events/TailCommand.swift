import ArgumentParser
import Dispatch
import Foundation
import Outboard
import OutboardRedis

/// `outboard tail`: events as they pass.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Shows events as they pass, until Ctrl-C.",
        discussion: """
            One line an event on a terminal (time, type, method, path, status, duration, source and number), one JSON \
            object a line in a pipe or with --json. It listens only and never slows the bus: what comes faster than it \
            can be written is left out, and standard error says how many messages. A type that nobody has published or \
            heard before is found within a second; name it with --type to see its first event, too.

            Examples:
              outboard tail
              outboard tail --path '/users/*' --status 5xx
              outboard tail --type order.placed --limit 10 | jq .data
              outboard tail --plugin-less                  # events that no plugin hears

            Exit codes: 0 stopped on request, at --limit or by a closed pipe, 64 bad usage, 69 Redis not reachable.
            """)

    @Option(help: "Only events of this type (default: all).")
    var type: String?

    @Option(help: "Only requests of this path; a * at its end stands for anything.")
    var path: String?

    @Option(help: "Only requests with this status, as 404 or 5xx.")
    var status: String?

    @Flag(name: .customLong("plugin-less"), help: "Only events of types that no registered plugin hears.")
    var pluginLess = false

    @Option(help: "Ends after so many events.")
    var limit: Int?

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON lines, also on a terminal.")
    var json = false

    func validate() throws {
        if let type, !EventType.isValid(type.utf8) {
            throw ValidationError("--type '\(type)': needs 1 to 64 of a-z, 0-9, . and -, for example http.request")
        }
        if let status, EventFilter.status(status) == nil {
            throw ValidationError("--status '\(status)': needs a status as 404, or a class of them as 5xx")
        }
        if let limit, limit < 1 { throw ValidationError("--limit \(limit): needs a number from 1") }
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            var filter = EventFilter()
            filter.path = path.map(EventFilter.path)
            filter.status = status.flatMap(EventFilter.status)
            if pluginLess {
                filter.heardTypes = try await BusOptions.withConnection(configuration) { redis in
                    try await EventTypes(redis, names: configuration.names).heard()
                }
            }
            try await show(filter, configuration)
        }
    }

    private func show(_ filter: EventFilter, _ configuration: BusConfiguration) async throws {
        let stop = StopSignals()
        let feed = EventFeed()
        let listener = EventListener(
            configuration: configuration, type: type, feed: feed, say: { Console().note(Printable.line($0)) })
        let format = Format(
            line: EventLine(isColoured: Output.isColoured, width: Terminal.size().columns),
            isJSON: json || !Output.isTerminal)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await stop.first()
                // A reader who has stopped reading holds our write for good; a second later we go all the same.
                if !Task.isCancelled { DispatchQueue.global().asyncAfter(deadline: .now() + 1) { _exit(0) } }
            }
            group.addTask { try await listener.run() }
            group.addTask { await Self.write(feed, filter, format, limit: limit) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private struct Format {
        let line: EventLine
        let isJSON: Bool

        func text(_ event: HeardEvent) -> String { isJSON ? event.json : line.text(event) }
    }

    /// Writes until the limit is reached, nobody reads any more, or the task is cancelled.
    private static func write(_ feed: EventFeed, _ filter: EventFilter, _ format: Format, limit: Int?) async {
        var left = limit ?? .max
        for await message in feed.messages {
            feed.taken(message)
            let events = HeardEvent.events(in: message.bytes, channel: message.channel).filter(filter.matches)
            let lines = events.prefix(left).map(format.text)
            guard Output.write(lines: lines) else { return }
            left -= lines.count
            if left <= 0 { return }
            let lost = feed.takeLost()
            if lost > 0 {
                Console().note(
                    "\(ShortText.counted(Int64(lost), "message")) not shown: they came faster than they could be written"
                )
            }
        }
    }
}
