import AsyncHTTPClient
import HTTPTypes
package import Hummingbird
package import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle

/// A reverse proxy: passes every request on to one upstream, and its answer back.
///
/// Bodies are streamed both ways at the pace of the slower side. Redirects and encodings pass through untouched.
/// Trailers are dropped, and protocols are not upgraded. A request that may have changed something is never sent twice;
/// a GET, HEAD or OPTIONS without a body is sent once more if the upstream ended an idle connection under it. When the
/// upstream breaks off within its answer, the client's connection is closed: a body is never falsely complete.
package struct Gateway: HTTPResponder, Service {
    private let settings: GatewaySettings
    private let rules: ForwardingRules
    private let client: HTTPClient
    private let upstreamPace: LoopPace
    private let logger: Logger
    private let notice = LimitedNotice()

    package init(_ settings: GatewaySettings, logger: Logger) {
        self.settings = settings
        self.rules = ForwardingRules(
            origin: settings.origin, prefix: settings.prefix, trustedProxies: settings.trustedProxies)
        self.logger = logger
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow, decompression: .disabled)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = min(settings.timeout, .seconds(10)).timeAmount
        // Counts from the end of the request, and again from every part of the answer.
        configuration.timeout.read = settings.timeout.timeAmount
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = settings.maxConnections
        configuration.connectionPool.retryConnectionEstablishment = false
        // Shorter than the five seconds after which common servers (Node.js, uvicorn) end an idle connection.
        configuration.connectionPool.idleTimeout = .seconds(4)
        self.client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.upstreamPace = LoopPace(client.eventLoopGroup.makeIterator())
    }

    /// Keeps the connections until a graceful shutdown; end it after the server.
    package func run() async throws {
        do {
            try await gracefulShutdown()
        } catch is CancellationError {}  // either way the connections end now
        try await client.shutdown()
    }

    package func respond(to request: Request, context: CoreContext) async throws -> Response {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        if let length, length > settings.maxBodyBytes { throw UpstreamFailure.tooLarge }
        let peer = context.remoteAddress?.ipAddress
        let identity = RequestIdentity.current ?? RequestIdentity(request.headers)
        var outgoing = try rules.outgoing(request.head, peer: peer, identity: identity)
        var tap: RequestBodyTap?
        if request.declaresBody {
            let body = RequestBodyTap(
                request.body, length: length, limit: settings.maxBodyBytes, pace: upstreamPace)
            outgoing.body = .stream(body, length: length.map { .known(Int64($0)) } ?? .unknown)
            tap = body
        }
        do {
            let answer = try await execute(outgoing, tap)
            return relay(answer, tap, isHead: request.method == .head, pace: LoopPace([context.eventLoop]))
        } catch {
            if let count = notice.note() {
                logger.warning("upstream failed", metadata: ["error": "\(error)", "count": "\(count)"])
            }
            return refuse(UpstreamFailure.problem(for: error, body: tap?.refusal), tap)
        }
    }

    private func execute(_ request: HTTPClientRequest, _ tap: RequestBodyTap?) async throws -> HTTPClientResponse {
        if let tap { return try await execute(request, watching: tap) }
        do {
            return try await client.execute(request, deadline: .distantFuture)
        } catch  where [.GET, .HEAD, .OPTIONS].contains(request.method) && UpstreamFailure.mayRepeat(after: error) {
            return try await client.execute(request, deadline: .distantFuture)
        }
    }

    /// The client's own deadlines begin when the request has been sent; until then the upstream must keep taking bytes.
    private func execute(
        _ request: HTTPClientRequest, watching tap: RequestBodyTap
    ) async throws -> HTTPClientResponse {
        try await withThrowingTaskGroup(of: HTTPClientResponse.self) { group in
            group.addTask { try await client.execute(request, deadline: .distantFuture) }
            group.addTask {
                while true {
                    let deadline = (tap.stalledSince ?? .now) + settings.timeout
                    try await Task.sleep(until: deadline, clock: .continuous)
                    if let since = tap.stalledSince, since + settings.timeout <= .now { throw UpstreamStalled() }
                }
            }
            defer { group.cancelAll() }
            guard let response = try await group.next() else { throw CancellationError() }
            return response
        }
    }

    private func relay(
        _ answer: HTTPClientResponse, _ tap: RequestBodyTap?, isHead: Bool, pace: LoopPace
    ) -> Response {
        var fields = rules.incoming(answer.headers)
        let isEarly = tap?.isComplete == false
        if isEarly { fields[.connection] = "close" }
        let hasBody = !isHead && answer.status != .noContent && answer.status != .notModified
        // Of an early answer the length stays in the fields only: its body is over before its closure is.
        let length = hasBody && !isEarly ? fields[.contentLength].flatMap { Int($0) } : nil
        let body = ResponseBody(contentLength: length) { writer in
            var pace = pace
            for try await buffer in answer.body {
                try await pace.keep()
                pace.handOver(buffer.readableBytes)
                try await writer.write(buffer)
            }
            try await writer.finish(nil)
            await tap?.close()
        }
        let status = HTTPResponse.Status(code: Int(answer.status.code), reasonPhrase: answer.status.reasonPhrase)
        return Response(status: status, headers: fields, body: body)
    }

    private func refuse(_ problem: Problem, _ tap: RequestBodyTap?) -> Response {
        guard let tap else { return problem.response() }
        var problem = problem
        if !tap.isComplete { problem.headers[.connection] = "close" }
        let bytes = problem.body
        let body = ResponseBody(contentLength: bytes.readableBytes) { writer in
            try await writer.write(bytes)
            try await writer.finish(nil)
            await tap.close()
        }
        return Response(status: problem.status, headers: problem.fields, body: body)
    }
}

/// The gateway as the core serves it: every request makes an event, also one that never got through.
package struct ObservedGateway: HTTPResponder {
    private let events: RequestEvents<CoreContext>
    private let gateway: Gateway

    package init(_ gateway: Gateway, events: RequestEvents<CoreContext>) {
        self.gateway = gateway
        self.events = events
    }

    package func respond(to request: Request, context: CoreContext) async throws -> Response {
        let gateway = gateway
        return try await events.handle(request, context: context) { request, context in
            try await gateway.respond(to: request, context: context)
        }
    }
}
