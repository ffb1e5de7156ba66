import NIOCore
import NIOPosix

/// A server on 127.0.0.1 that says what it is told to, for what no Redis can be made to do.
final class SilentServer: Sendable {
    /// What it does with a connection.
    enum Behaviour: Sendable {
        /// Takes it and says nothing.
        case silent
        /// Closes it at the first bytes it receives.
        case closing
        /// Says this at the first bytes it receives.
        case saying(String)
    }

    let port: Int
    private let channel: any Channel

    init(_ behaviour: Behaviour) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(behaviour: behaviour))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    func stop() async throws { try await channel.close() }

    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let behaviour: Behaviour
        private var isFirst = true

        init(behaviour: Behaviour) { self.behaviour = behaviour }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard isFirst else { return }
            isFirst = false
            switch behaviour {
            case .silent: break
            case .closing: context.close(promise: nil)
            case .saying(let text):
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            }
        }
    }
}
