import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A closed loop of clients: each sends its next request when it has read the answer to its last one.
struct HTTPLoad {
    /// What became of the requests.
    struct Report: Sendable {
        var statuses: [Int: Int] = [:]
        /// Sent and not answered to the end.
        var unanswered = 0
        var latencies: [Duration] = []
        var began = ContinuousClock.now
        var lastAnswer = ContinuousClock.now

        var answered: Int { statuses.values.reduce(0, +) }
        var perSecond: Double { Double(answered) / ((lastAnswer - began) / .seconds(1)) }

        /// The latency that this share of the requests stays within.
        func latency(_ share: Double) -> Duration {
            let sorted = latencies.sorted()
            return sorted.isEmpty ? .zero : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
        }
    }

    /// What all connections share: which request is next, and what was seen.
    fileprivate final class Ledger: Sendable {
        struct State {
            var report = Report()
            var next = 0
            var isOver = false
        }

        let limit: Int
        let path: @Sendable (Int) -> String
        let state = Mutex(State())

        init(limit: Int, path: @escaping @Sendable (Int) -> String) {
            self.limit = limit
            self.path = path
        }

        func nextPath() -> String? {
            let number = state.withLock { state -> Int? in
                guard !state.isOver, state.next < limit else { return nil }
                state.next += 1
                return state.next
            }
            return number.map(path)
        }

        func answered(_ status: Int, after latency: Duration) {
            state.withLock { state in
                state.report.statuses[status, default: 0] += 1
                state.report.latencies.append(latency)
                state.report.lastAnswer = .now
            }
        }

        func lost() { state.withLock { $0.report.unanswered += 1 } }
    }

    static let paths: @Sendable (Int) -> String = { $0.isMultiple(of: 2) ? "/hello" : "/users/\($0 % 10)" }

    /// Sends exactly `count` requests.
    static func run(
        _ count: Int, port: Int, connections: Int = 16, path: @escaping @Sendable (Int) -> String = paths
    ) async throws -> Report {
        let ledger = Ledger(limit: count, path: path)
        return try await run(ledger, port, connections)
    }

    /// Sends requests until `body` has ended; an answer under way is still waited for.
    static func run(
        port: Int, connections: Int = 16,
        during body: @escaping @Sendable (_ sent: @Sendable () -> Int) async throws -> Void
    ) async throws -> Report {
        let ledger = Ledger(limit: .max, path: paths)
        async let report = run(ledger, port, connections)
        do {
            try await body { ledger.state.withLock { $0.report.answered } }
        } catch {
            ledger.state.withLock { $0.isOver = true }
            _ = try await report
            throw error
        }
        ledger.state.withLock { $0.isOver = true }
        return try await report
    }

    private static func run(_ ledger: Ledger, _ port: Int, _ connections: Int) async throws -> Report {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(LoadHandler(ledger))
                }
            }
        let ends = (0..<connections).map { _ in
            bootstrap.connect(host: "127.0.0.1", port: port).flatMap { $0.closeFuture }
        }
        for end in ends { try await end.get() }
        return ledger.state.withLock { $0.report }
    }
}

/// One client; closes its connection when there is nothing more to ask.
private final class LoadHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let ledger: HTTPLoad.Ledger
    private var asked: ContinuousClock.Instant?
    private var status = 0

    init(_ ledger: HTTPLoad.Ledger) {
        self.ledger = ledger
    }

    func channelActive(context: ChannelHandlerContext) { ask(context) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body: break
        case .end:
            if let asked { ledger.answered(status, after: .now - asked) }
            asked = nil
            ask(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if asked != nil { ledger.lost() }
        asked = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func ask(_ context: ChannelHandlerContext) {
        guard let path = ledger.nextPath() else { return context.close(promise: nil) }
        asked = .now
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: ["Host": "shop.example"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
