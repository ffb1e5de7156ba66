import HTTPTypes
import Hummingbird
import OutboardRedis
import RedisClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The part of the admin API that follows one request: a long poll, answered when every plugin has dealt with its event.
///
/// It listens on a connection of its own, and looks through every message for the id. There are only so many traces at once,
/// and a client that leaves ends its own, unless it has sent a further request before: then the time ends it.
struct TraceRoute: Sendable {
    private static let mostTraces = 8
    /// Longer than five minutes no proxy waits, and what is not dealt with by then has to be looked for elsewhere.
    private static let seconds = 1...300
    private static let standardSeconds = 30

    private let tracer: RequestTracer
    private let traces = LimitedPlaces(mostTraces, of: "traces")

    init(_ tracer: RequestTracer) {
        self.tracer = tracer
    }

    func add(to router: Router<CoreContext>) {
        router.get("/api/trace/:request_id") { request, context in
            let requestID = try Self.decoded(try context.parameters.require("request_id"))
            let seconds = try Self.seconds(request)
            let place = try traces.take()
            defer { place.leave() }
            do {
                return try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await response(to: requestID, within: seconds)
                }
            } catch is CancellationError {
                // The client has left and reads nothing, or the core ends.
                throw Problem(
                    status: .serviceUnavailable, detail: "The trace was given up; try again later.",
                    headers: Self.last)
            }
        }
    }

    /// Whoever waits for the end of a client has read whatever else the client sent, so the answer is the last one.
    private static let last: HTTPFields = [.connection: "close"]

    /// A segment of a path as it was before it became one: an id may have slashes.
    private static func decoded(_ segment: String) throws -> String {
        guard let path = URLComponents(string: "/" + segment)?.path else {
            throw Problem(status: .badRequest, detail: "'\(segment)' is no part of a path; write what is not as %XX.")
        }
        return String(path.dropFirst())
    }

    private static func seconds(_ request: Request) throws -> Int {
        guard let text = request.uri.queryParameters["seconds"] else { return standardSeconds }
        guard let number = Int(text), seconds.contains(number) else {
            throw Problem(
                status: .badRequest,
                detail: "seconds '\(text)' is no number from \(seconds.lowerBound) to \(seconds.upperBound).")
        }
        return number
    }

    private func response(to requestID: String, within seconds: Int) async throws -> Response {
        let deadline = ContinuousClock.now + .seconds(seconds)
        do {
            let (event, leftOut) = try await tracer.event(ofRequest: requestID, until: deadline)
            try Task.checkCancellation()
            guard let event else {
                return Problem(
                    status: .notFound,
                    detail: "No http.request event with request_id '\(requestID)' came within \(seconds) s; a trace "
                        + "sees only what is published while it runs."
                        + (leftOut == 0 ? "" : " \(leftOut) messages came too fast and were not looked at."),
                    headers: Self.last
                ).response()
            }
            var response = try AdminJSON.response(try await tracer.trace(of: event, until: deadline))
            response.headers[.connection] = "close"
            return response
        } catch let error as RedisError {
            var problem = Problem.redisDoesNotAnswer(error)
            problem.headers = Self.last
            return problem.response()
        }
    }
}
