import NIOCore
import NIOHTTP1
import NIOPosix

/// A client that sends a body whatever it hears meanwhile, as fast as it is taken.
enum PushingClient {
    struct Outcome: Sendable {
        /// Nil if the connection ended without an answer.
        var status: Int?
        var chunksSent = 0
    }

    /// Sends `chunks` of 64 KiB until the connection ends.
    static func push(_ chunks: Int, to path: String, port: Int) async throws -> Outcome {
        let ended = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Outcome.self)
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(Handler(path, left: chunks, ended))
                }
            }
            .connect(host: "127.0.0.1", port: port).flatMap { _ in ended.futureResult }.get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        private let path: String
        private var left: Int
        private var outcome = Outcome()
        private let ended: EventLoopPromise<Outcome>

        init(_ path: String, left: Int, _ ended: EventLoopPromise<Outcome>) {
            self.path = path
            self.left = left
            self.ended = ended
        }

        func channelActive(context: ChannelHandlerContext) {
            let head = HTTPRequestHead(
                version: .http1_1, method: .POST, uri: path,
                headers: ["Host": "shop.example", "Transfer-Encoding": "chunked"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            push(context)
        }

        private func push(_ context: ChannelHandlerContext) {
            guard left > 0 else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
            left -= 1
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(Upstream.chunk)))).whenSuccess {
                bound.value.0.outcome.chunksSent += 1
                bound.value.0.push(bound.value.1)
            }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .head(let head) = unwrapInboundIn(data) else { return }
            outcome.status = Int(head.status.code)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func channelInactive(context: ChannelHandlerContext) { ended.succeed(outcome) }
    }
}
