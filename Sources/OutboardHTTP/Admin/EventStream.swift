import Hummingbird
import NIOCore
import Outboard
package import OutboardRedis
import RedisClient
import Synchronization

/// Events as they pass, for browsers: server-sent events, one a line of JSON.
///
/// A viewer listens on a connection of its own and slows nobody: what comes faster than it reads is left out, and a comment
/// in the stream says how many. There are only so many viewers at once.
package final class EventStream: Sendable {
    private static let mostViewers = 8
    /// Events that wait for a viewer who reads slowly.
    private static let mostWaiting = 4_096
    /// A viewer that has gone away is noticed when something is written.
    private static let heartbeat = Duration.seconds(10)

    private let configuration: BusConfiguration
    private let viewers = LimitedPlaces(mostViewers, of: "viewers")

    package init(_ configuration: BusConfiguration) {
        self.configuration = configuration
    }

    /// - Throws: `Problem` for a query that means nothing, or where there are too many viewers.
    func response(to request: Request) throws -> Response {
        let type = request.uri.queryParameters["type"].map(String.init)
        if let type, !EventType.isValid(type.utf8) {
            throw Problem(status: .badRequest, detail: "type '\(type)' is no type of events, for example http.request.")
        }
        var filter = EventFilter()
        filter.path = request.uri.queryParameters["path"].map { EventFilter.path(String($0)) }
        if let status = request.uri.queryParameters["status"] {
            filter.status = EventFilter.status(String(status))
            guard filter.status != nil else {
                throw Problem(status: .badRequest, detail: "status '\(status)' is no status as 404 or class as 5xx.")
            }
        }
        let place = try viewers.take()
        let body = ResponseBody { [filter] writer in
            defer { place.leave() }
            try await self.write(type, filter, to: &writer)
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }

    private func write(_ type: String?, _ filter: EventFilter, to writer: inout any ResponseBodyWriter) async throws {
        let (notes, note) = AsyncStream<Note>.makeStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting))
        let (feed, lost) = (EventFeed(), LostCount())
        let listener = EventListener(configuration: configuration, type: type, feed: feed) { note.yield(.comment($0)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Redis may be away when somebody begins to look.
                do { try await listener.run() } catch let error as RedisError { note.yield(.comment("\(error)")) }
                note.finish()
            }
            group.addTask {
                for await message in feed.messages {
                    feed.taken(message)
                    for event in HeardEvent.events(in: message.bytes, channel: message.channel)
                    where filter.matches(event) {
                        if case .dropped = note.yield(.event(event.json)) { lost.add(1) }
                    }
                    lost.add(feed.takeLost())
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: Self.heartbeat)
                    note.yield(.comment("still here"))
                }
            }
            defer { group.cancelAll() }
            for await one in notes {
                try await writer.write(ByteBuffer(string: one.text))
                let count = lost.take()
                guard count > 0 else { continue }
                try await writer.write(ByteBuffer(string: Note.comment("\(count) events or messages left out").text))
            }
        }
    }

    /// What did not fit.
    private final class LostCount: Sendable {
        private let count = Atomic(0)

        func add(_ number: Int) { count.add(number, ordering: .relaxed) }

        func take() -> Int { count.exchange(0, ordering: .relaxed) }
    }

    /// One part of the stream.
    private enum Note: Sendable {
        case event(String)
        case comment(String)

        var text: String {
            switch self {
            case .event(let json): "data: \(json)\n\n"
            // A line break would end the comment.
            case .comment(let text): ": \(text.replacing("\n", with: " ").replacing("\r", with: " "))\n\n"
            }
        }
    }
}
