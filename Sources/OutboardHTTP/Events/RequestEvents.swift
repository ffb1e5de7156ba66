import HTTPTypes
public import Hummingbird
public import Logging
import NIOHTTP1
import Outboard
public import OutboardRedis

/// Publishes one `http.request` event for each request of a Hummingbird application.
///
/// ```swift
/// let router = Router()
/// router.add(middleware: RequestEvents(bus))
/// ```
///
/// Add it first: then every response, also one that a later middleware or the router makes from a thrown error, passes
/// it, and every response carries `X-Request-Id`. An error that says how to answer (`HTTPResponseError`) is answered
/// here; any other becomes a 500 without a body, as Hummingbird itself would do.
///
/// The event goes when the response's body has been written or its connection is gone. Publishing neither waits nor
/// fails: what the bus refuses is counted and logged, and the request does not notice.
public struct RequestEvents<Context: RequestContext>: RouterMiddleware {
    private let recorder: EventRecorder
    private let options: RequestEventOptions
    private let forwarded: ForwardedFor

    /// - Parameters:
    ///   - bus: Where the events go.
    ///   - options: What of a request an event says.
    ///   - logger: Is told, once a second at most, when the bus refuses events.
    public init(
        _ bus: EventBus, options: RequestEventOptions = RequestEventOptions(),
        logger: Logger = Logger(label: "outboard.http")
    ) {
        self.init(EventRecorder(bus, logger: logger), options: options)
    }

    package init(_ recorder: EventRecorder, options: RequestEventOptions = RequestEventOptions()) {
        self.recorder = recorder
        self.options = options
        self.forwarded = ForwardedFor(trustedProxies: options.trustedProxies)
    }

    /// Passes a request on and publishes its event when the answer is out.
    public func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        let identity = RequestIdentity(request.headers)
        let exchange = begin(request, context, identity)
        var request = request
        if request.declaresBody {
            request.body = RequestBody(asyncSequence: CountedRequestBody(base: request.body, exchange: exchange))
        }
        var response: Response
        do {
            let input = request
            response = try await RequestIdentity.$current.withValue(identity) { try await next(input, context) }
        } catch let error as HTTPParserError {
            // The connection is broken; the server answers 400 by itself.
            exchange.answer(status: 400)
            exchange.finish()
            throw error
        } catch {
            response = self.response(to: error, request, context)
        }
        response.headers[.xRequestID] = identity.requestID
        exchange.answer(status: response.status.code)
        return watch(response, exchange, isHead: request.method == .head)
    }

    private func begin(_ request: Request, _ context: Context, _ identity: RequestIdentity) -> Exchange {
        let headers = request.headers
        let peer = (context as? any RemoteAddressRequestContext)?.remoteAddress?.ipAddress
        var values: [String: String] = [:]
        for (field, name) in options.headers {
            if let value = headers[field] { values[name] = value }
        }
        let endpoint = context.coreContext.endpointPath
        return Exchange(
            Exchange.Beginning(
                method: request.method.rawValue, path: request.uri.path,
                query: options.includesQuery ? request.uri.query : nil, host: request.head.authority,
                userAgent: headers[.userAgent],
                client: options.trustedProxies == 0
                    ? peer : forwarded.client(header: headers[.xForwardedFor], peer: peer),
                headers: values, identity: identity),
            // Hummingbird's name for "no route" is no path.
            route: { endpoint.value.flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil } },
            recorder: recorder)
    }

    private func response(to error: any Error, _ request: Request, _ context: Context) -> Response {
        if let error = error as? any HTTPResponseError {
            do {
                return try error.response(from: request, context: context)
            } catch {
                context.logger.debug("an error had no response", metadata: ["error": "\(error)"])
            }
        } else {
            context.logger.debug("a handler failed", metadata: ["error": "\(error)"])
        }
        return Response(status: .internalServerError)
    }

    /// Sees to it that the exchange learns when the response is out.
    private func watch(_ response: Response, _ exchange: Exchange, isHead: Bool) -> Response {
        let length = response.body.contentLength
        if let length, length <= 64 << 10, let connection = ConnectionSlot.current {
            // The server tells when it has written the response; a small body stays one write with its head.
            connection.place(exchange, bytes: isHead ? 0 : length)
            return response
        }
        let body = response.body
        var response = response
        response.body = ResponseBody(contentLength: length) { writer in
            defer { exchange.finish() }
            let counted = CountedBodyWriter(base: writer, exchange: exchange)
            try await body.write(counted)
        }
        return response
    }
}

extension Request {
    /// Whether the head announces a body (RFC 9112, section 6.3).
    var declaresBody: Bool {
        if let length = headers[.contentLength] { return length != "0" }
        return headers.contains(.transferEncoding)
    }
}
