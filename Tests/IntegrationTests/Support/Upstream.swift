import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An application to stand behind the gateway; its paths say how it behaves.
///
/// | path | behaviour |
/// | --- | --- |
/// | `/` | answers at once |
/// | `/sink` | takes a body and answers with its length |
/// | `/slow` | the same, with a pause behind each read of its socket |
/// | `/source/N` | sends N chunks of 64 KiB, as fast as they are taken |
/// | `/mute` | takes a request and never answers |
/// | `/deaf` | never reads a request's body |
/// | `/drop` | ends the connection instead of answering |
/// | `/half` | ends the connection within its answer |
/// | `/together/N` | answers nobody before N requests wait |
final class Upstream: Sendable {
    /// What has happened so far.
    struct Tally: Sendable {
        var connections = 0
        var open = 0
        var requests = 0
        /// Requests whose connection ended before they did.
        var brokenOff = 0
        var chunksSent = 0
        /// What `/sink` has answered.
        var answered: [String] = []
    }

    static let chunk = ByteBuffer(repeating: 0x61, count: 64 << 10)

    fileprivate let state = Mutex((tally: Tally(), waiting: [@Sendable () -> Void]()))
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    var tally: Tally { state.withLock { $0.tally } }

    /// Serves on a free port for the time of `body`.
    static func with(_ body: @Sendable (_ upstream: Upstream, _ port: Int) async throws -> Void) async throws {
        let upstream = Upstream()
        let channel = try await ServerBootstrap(group: upstream.group)
            .serverChannelOption(.backlog, value: 2_048)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 128 << 10))
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(UpstreamHandler(upstream))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(upstream, channel.localAddress?.port ?? 0))
        } catch { result = .failure(error) }
        // Connections that a test left open end with their loop.
        try await upstream.group.shutdownGracefully()
        try result.get()
    }

    fileprivate func count(_ change: (inout Tally) -> Void) { state.withLock { change(&$0.tally) } }

    /// Lets nobody pass before `count` have come.
    fileprivate func arrive(of count: Int, _ pass: @escaping @Sendable () -> Void) {
        let released = state.withLock { state -> [@Sendable () -> Void] in
            state.waiting.append(pass)
            guard state.waiting.count >= count else { return [] }
            defer { state.waiting = [] }
            return state.waiting
        }
        for pass in released { pass() }
    }
}

private final class UpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let upstream: Upstream
    private var path: [Substring] = []
    private var received = 0
    private var isUnderWay = false
    private var isGone = false
    private var isSlow = false

    init(_ upstream: Upstream) {
        self.upstream = upstream
    }

    func channelActive(context: ChannelHandlerContext) {
        upstream.count {
            $0.connections += 1
            $0.open += 1
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isGone = true
        upstream.count {
            $0.open -= 1
            if isUnderWay { $0.brokenOff += 1 }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            path = head.uri.split(separator: "/")
            received = 0
            isUnderWay = true
            upstream.count { $0.requests += 1 }
            isSlow = path.first == "slow"
            guard isSlow || path.first == "deaf" else { return }
            context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
        case .body(let buffer): received += buffer.readableBytes
        case .end: answer(context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard isSlow else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(1)) { bound.value.read() }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        switch path.first {
        case "sink", "slow":
            let length = "\(received)"
            upstream.count { $0.answered.append(length) }
            respond(context, length)
        case "source":
            context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok))), promise: nil)
            sendChunks(context, path.last.flatMap { Int($0) } ?? 0)
        case "mute", "deaf": break
        case "drop": context.close(promise: nil)
        case "half":
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "1000"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "half"))))).whenComplete { _ in
                bound.value.1.close(promise: nil)
            }
        case "together":
            let eventLoop = context.eventLoop
            upstream.arrive(of: path.last.flatMap { Int($0) } ?? 1) {
                eventLoop.execute { bound.value.0.respond(bound.value.1, "together") }
            }
        default: respond(context, "ok")
        }
    }

    private func sendChunks(_ context: ChannelHandlerContext, _ left: Int) {
        guard !isGone else { return }
        guard left > 0 else {
            isUnderWay = false
            return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        // The next one when this one is with the kernel: that is the pace of whoever reads.
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(Upstream.chunk)))).whenSuccess {
            bound.value.0.upstream.count { $0.chunksSent += 1 }
            bound.value.0.sendChunks(bound.value.1, left - 1)
        }
    }

    private func respond(_ context: ChannelHandlerContext, _ text: String) {
        guard !isGone else { return }
        isUnderWay = false
        let headers: HTTPHeaders = ["Content-Length": "\(text.utf8.count)"]
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
