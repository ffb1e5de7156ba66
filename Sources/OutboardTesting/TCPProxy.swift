import Foundation
import Processes
import Synchronization

/// A proxy on 127.0.0.1 in front of a server, for tests of faults: it can cut connections, hold replies back, or let a
/// request through and lose its reply.
///
/// Each connection is served by two threads of its own, which end with it.
public final class TCPProxy: Sendable {
    /// What happens to the bytes that come from the server, or to a request.
    private enum Replies: Equatable {
        case pass
        case hold
        /// Armed: waits for a request that contains the text, and cuts instead of passing it on.
        case loseRequest(containing: String)
        /// Armed: waits for a request that contains the text.
        case loseReply(toRequestContaining: String)
        /// Armed likewise, for one connection whose replies are then kept back.
        case holdReply(toRequestContaining: String)
    }

    private struct State {
        var replies = Replies.pass
        var isPartitioned = false
        var links: [Int: ProxyLink] = [:]
        var nextLink = 0
        var accepted = 0
        var lost = 0
        var isStopped = false
    }

    /// The proxy's own port.
    public let port: Int
    private let target: Int
    private let listener: Int32
    private let state = Mutex(State())
    private let released = NSCondition()

    /// Listens on a free port and passes everything to `target` on 127.0.0.1.
    ///
    /// - Throws: `TestingError` if no port is free.
    public init(to target: Int) throws {
        self.target = target
        let listener = LoopbackPort.makeSocket()
        let bound = LoopbackPort.withAddress(0) { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 128) == 0, let port = LoopbackPort.port(of: listener) else {
            close(listener)
            throw TestingError("no port for a proxy: \(systemText(errno))")
        }
        self.listener = listener
        self.port = port
        Thread.detachNewThread { self.accept() }
    }

    /// `redis://127.0.0.1:<port>`
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// Connections taken so far.
    public var accepted: Int { state.withLock { $0.accepted } }

    /// Replies and requests lost so far by `loseReply(toRequestContaining:)` and `loseRequest(containing:)`.
    public var lost: Int { state.withLock { $0.lost } }

    /// The local ports of the connections to the server: by these the server knows who comes through here.
    public var serverPorts: [Int] { state.withLock { $0.links.values.compactMap(\.serverPort) } }

    /// Nothing passes in either direction until `heal()`, and neither side is told: a network that is cut in two.
    public func partition() { state.withLock { $0.isPartitioned = true } }

    /// Ends a partition; what was sent meanwhile arrives now, late.
    public func heal() {
        state.withLock { $0.isPartitioned = false }
        wakeHeld()
    }

    /// Cuts all connections; new ones are taken.
    public func cutAll() {
        state.withLock { state in for link in state.links.values { link.cut() } }
    }

    /// Keeps back what the server sends, until `releaseReplies()`.
    public func holdReplies() { state.withLock { $0.replies = .hold } }

    /// Keeps back what the server sends on the connection that next sends a request with this text in it, until
    /// `releaseReplies()`; other connections are served as before.
    public func holdReply(toRequestContaining text: String) {
        state.withLock { $0.replies = .holdReply(toRequestContaining: text) }
    }

    /// Lets replies pass again, those kept back first.
    public func releaseReplies() {
        state.withLock { state in
            state.replies = .pass
            for link in state.links.values { link.holdsReplies.store(false, ordering: .releasing) }
        }
        wakeHeld()
    }

    private func wakeHeld() {
        released.lock()
        released.broadcast()
        released.unlock()
    }

    /// Lets the next request with this text in it through to the server, waits for the server's answer, and cuts the
    /// connection instead of passing it on; once.
    ///
    /// A request that is sent in one piece is recognised as a whole; a text at a boundary of two reads is not.
    public func loseReply(toRequestContaining text: String) {
        state.withLock { $0.replies = .loseReply(toRequestContaining: text) }
    }

    /// Cuts the connection on which the next request with this text in it comes instead of passing that on; once.
    ///
    /// What came in one read with it is lost with it.
    public func loseRequest(containing text: String) {
        state.withLock { $0.replies = .loseRequest(containing: text) }
    }

    /// Cuts everything and listens no more.
    public func stop() {
        state.withLock { $0.isStopped = true }
        shutdown(listener, Int32(SHUT_RDWR))
        cutAll()
        state.withLock { $0.isPartitioned = false }
        releaseReplies()
    }

    private func accept() {
        defer { close(listener) }
        while true {
            let client = Foundation.accept(listener, nil, nil)
            guard client >= 0, !state.withLock({ $0.isStopped }) else {
                if client >= 0 { close(client) }
                return
            }
            let server = LoopbackPort.makeSocket()
            guard LoopbackPort.withAddress(target, { connect(server, $0, $1) }) == 0 else {
                close(client)
                close(server)
                continue
            }
            let link = ProxyLink(client: client, server: server)
            let id = state.withLock { state in
                state.accepted += 1
                state.nextLink += 1
                state.links[state.nextLink] = link
                return state.nextLink
            }
            let done: @Sendable () -> Void = { self.forget(id) }
            Thread.detachNewThread {
                link.pump(from: client, to: server, passes: { self.passesRequest($0, of: link) }, done: done)
            }
            Thread.detachNewThread {
                link.pump(from: server, to: client, passes: { _ in self.passesReply(of: link) }, done: done)
            }
        }
    }

    private func forget(_ id: Int) { state.withLock { $0.links[id] = nil } }

    private func passesRequest(_ bytes: ArraySlice<UInt8>, of link: ProxyLink) -> Bool {
        waitWhile { $0.isPartitioned }
        return state.withLock { state in
            switch state.replies {
            case .pass, .hold: return true
            case .loseRequest(let text):
                guard Data(bytes).range(of: Data(text.utf8)) != nil else { return true }
                state.lost += 1
                state.replies = .pass
                return false
            case .loseReply(let text):
                guard Data(bytes).range(of: Data(text.utf8)) != nil else { return true }
                link.losesNextReply.store(true, ordering: .releasing)
            case .holdReply(let text):
                guard Data(bytes).range(of: Data(text.utf8)) != nil else { return true }
                link.holdsReplies.store(true, ordering: .releasing)
            }
            state.replies = .pass
            return true
        }
    }

    private func passesReply(of link: ProxyLink) -> Bool {
        if link.losesNextReply.load(ordering: .acquiring) {
            state.withLock { $0.lost += 1 }
            return false
        }
        waitWhile { $0.replies == .hold || $0.isPartitioned || link.holdsReplies.load(ordering: .acquiring) }
        return true
    }

    private func waitWhile(_ isHeld: (State) -> Bool) {
        released.lock()
        while state.withLock({ isHeld($0) }) { released.wait() }
        released.unlock()
    }
}
