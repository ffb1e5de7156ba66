import HTTPTypes
import Hummingbird
import Logging

@testable import OutboardHTTP

/// A responder made of a closure.
struct ClosureResponder: HTTPResponder {
    let body: @Sendable (Request, CoreContext) async throws -> Response

    init(_ body: @escaping @Sendable (Request, CoreContext) async throws -> Response) {
        self.body = body
    }

    func respond(to request: Request, context: CoreContext) async throws -> Response {
        try await body(request, context)
    }
}

/// Serves on a free loopback port as the core does, for as long as `body` runs.
func withSite<Responder: HTTPResponder, Value: Sendable>(
    _ responder: Responder, limits: ServerLimits = ServerLimits(),
    _ body: @escaping @Sendable (_ port: Int) async throws -> Value
) async throws -> Value where Responder.Context == CoreContext {
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    var logger = Logger(label: "test.site")
    logger.logLevel = .critical
    let site = SiteService(
        responder, at: .init(setting: "TEST_PORT", host: "127.0.0.1", port: 0), limits: limits,
        patience: .seconds(1), state: SiteState(), logger: logger,
        onListening: { address in
            if let port = address.split(separator: ":").last.flatMap({ Int($0) }) { continuation.yield(port) }
        })
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await site.run()
            return nil
        }
        group.addTask {
            for await port in ports { return try await body(port) }
            throw CancellationError()
        }
        defer { group.cancelAll() }
        while let value = try await group.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}

/// A gateway to an upstream, observed, as the core composes it.
///
/// - Parameters:
///   - onRead: Is told of the bytes of requests' bodies that the gateway takes from its clients.
///   - onWrite: Is told of the bytes of answers' bodies that the gateway hands over for its clients.
func withGateway<Value: Sendable>(
    to upstream: Int, events: RecordedEvents = RecordedEvents(), limits: ServerLimits = ServerLimits(),
    onRead: (@Sendable (Int) -> Void)? = nil, onWrite: (@Sendable (Int) -> Void)? = nil,
    settings change: (inout GatewaySettings) -> Void = { _ in },
    _ body: @escaping @Sendable (_ port: Int) async throws -> Value
) async throws -> Value {
    var settings = try GatewaySettings(upstream: "http://127.0.0.1:\(upstream)")
    change(&settings)
    var limits = limits
    limits.connections = 2_000
    limits.bodyBytes = settings.maxBodyBytes
    var logger = Logger(label: "test.gateway")
    logger.logLevel = .critical
    let gateway = Gateway(settings, logger: logger)
    let observed = ObservedGateway(gateway, events: RequestEvents(events.recorder))
    let responder = ClosureResponder { request, context in
        var request = request
        if let onRead {
            let body = request.body.map { buffer in
                onRead(buffer.readableBytes)
                return buffer
            }
            request.body = RequestBody(asyncSequence: body)
        }
        var response = try await observed.respond(to: request, context: context)
        if let onWrite {
            let body = response.body
            response.body = ResponseBody(contentLength: body.contentLength) { writer in
                try await body.write(TellingWriter(base: writer, onWrite: onWrite))
            }
        }
        return response
    }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await gateway.run()
            return nil
        }
        group.addTask { [limits] in try await withSite(responder, limits: limits, body) }
        var value: Value?
        while value == nil, let next = try await group.next() { value = next }
        group.cancelAll()
        try await group.waitForAll()
        guard let value else { throw CancellationError() }
        return value
    }
}

private struct TellingWriter: ResponseBodyWriter {
    var base: any ResponseBodyWriter
    let onWrite: @Sendable (Int) -> Void

    @concurrent mutating func write(_ buffer: ByteBuffer) async throws {
        onWrite(buffer.readableBytes)
        try await base.write(buffer)
    }

    @concurrent consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await base.finish(trailingHeaders)
    }
}
