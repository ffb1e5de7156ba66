import HTTPTypes
import Hummingbird
import NIOCore
import Outboard
import OutboardRedis

/// The part of the admin API that publishes: one event, by the core's own publisher.
///
/// The body is the data as it goes out, byte for byte; type and key stand in the query, as they stand beside the data on
/// the command line. The answer comes when Redis has the event and the record that counts it.
struct PublishRoute: Sendable {
    /// An event has at most so many bytes, its attributes among them.
    private static let mostBytes = 1 << 20
    /// A record follows its events within 50 ms.
    private static let patience = Duration.seconds(3)
    private static let look = Duration.milliseconds(5)

    let bus: EventBus
    let directory: any PluginDirectory
    let token: AdminToken?

    func add(to router: Router<CoreContext>) {
        router.post("/api/events") { request, _ in
            try AdminToken.check(token, request)
            return try await publish(request)
        }
    }

    private struct Answer: Encodable {
        let type: String
        let published = 1
        let publisher: String
        /// Where the event stands.
        let source: String
        let id: String
        /// Whether Redis has it and the record that counts it.
        let recorded: Bool
        let hearers: Hearers
    }

    private func publish(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        guard let type = query["type"].map(String.init) else {
            throw Problem(status: .badRequest, detail: "The query names no type, for example ?type=order.placed.")
        }
        let key = query["key"].map(String.init)
        let body = try await AdminJSON.body(
            of: request, "The data of an event", types: ["application/json"], mostBytes: Self.mostBytes)
        let number: EventNumber
        let hearers: Hearers
        do {
            try EventType.check(type)
            let data = try body.readableBytes == 0 ? JSONSlice.empty : body.withUnsafeReadableBytes(JSONSlice.init)
            hearers = try await directory.ask { try await $0.hearers(of: type, key: key) }
            guard bus.statistics.connected else {
                throw Problem(
                    status: .serviceUnavailable,
                    detail: "This core has no connection to Redis; nothing was published, try again later.")
            }
            number = try bus.publish(data, type: type, key: key)
        } catch let error as EventError {
            throw Problem(status: .badRequest, detail: "The event: \(error).")
        }
        let recorded = try await isRecorded(number)
        let publisher = EventSource(number.source)?.publisher ?? bus.publisherID
        return try AdminJSON.response(
            Answer(
                type: type, publisher: publisher, source: number.source, id: "\(number.id)", recorded: recorded,
                hearers: hearers), status: recorded ? .ok : .accepted)
    }

    private func isRecorded(_ number: EventNumber) async throws -> Bool {
        let deadline = ContinuousClock.now + Self.patience
        while !bus.hasRecorded(number) {
            guard ContinuousClock.now < deadline else { return false }
            try await Task.sleep(for: Self.look)
        }
        return true
    }
}
