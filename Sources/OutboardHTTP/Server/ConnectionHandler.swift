import HTTPTypes
import NIOCore
import NIOHTTP1

/// Performs `ConnectionRules` on one connection, and ends it when its client takes nothing of what waits for it.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ServerLimits
    private var rules: ConnectionRules
    private var stall: Scheduled<Void>?
    private var farewell: Scheduled<Void>?
    private var isClosing = false

    init(limits: ServerLimits) {
        self.limits = limits
        self.rules = ConnectionRules(maxBodyBytes: limits.bodyBytes)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stall?.cancel()
        farewell?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stall?.cancel()
        farewell?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), rules.received(head) == .passAndContinue {
            context.writeAndFlush(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error as? HTTPParserError == .headerOverflow, !isClosing, rules.headerOverflow() == .answer else {
            context.fireErrorCaught(error)
            return
        }
        let problem = Problem(
            status: .requestHeaderFieldsTooLarge,
            detail: "The header fields of the request are over \(limits.headerBytes) bytes "
                + "or more than \(limits.headerFields).")
        let body = problem.body
        var headers = HTTPHeaders(problem.fields.map { ($0.name.rawName, $0.value) })
        headers.add(name: "Connection", value: "close")
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        let head = HTTPResponseHead(version: .http1_1, status: .requestHeaderFieldsTooLarge, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        close(context)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var data = data
        let transmission: ConnectionRules.Transmission
        switch unwrapOutboundIn(data) {
        case .head(let head):
            data = wrapOutboundOut(.head(rules.writing(head)))
            transmission = .pass
        case .body: transmission = rules.writingBody()
        case .end: transmission = rules.writingEnd()
        }
        switch transmission {
        case .pass: context.write(data, promise: promise)
        case .swallow: promise?.succeed()
        case .passAndClose:
            context.writeAndFlush(data, promise: promise)
            close(context)
        case .swallowAndClose:
            context.flush()
            promise?.succeed()
            close(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            stall = context.eventLoop.scheduleTask(in: limits.stalledWrite.timeAmount) {
                bound.value.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Ends our side at once and the connection a little later: closing with unread bytes resets it, and a reset may
    /// overtake the answer.
    private func close(_ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        isClosing = true
        context.close(mode: .output, promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        farewell = context.eventLoop.scheduleTask(in: limits.linger.timeAmount) {
            bound.value.close(promise: nil)
        }
    }
}
