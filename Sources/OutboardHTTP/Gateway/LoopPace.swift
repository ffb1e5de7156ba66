import NIOCore

/// Keeps whoever hands a body to event loops from running ahead of them.
///
/// Handing a part to the HTTP client, or to the server's writer, only puts it into the queue of the channel's event loop;
/// both take the next part at once. They begin to wait when the loop has written so much that it finds its socket full.
/// As long as the loop is merely slower than whoever reads on the other side, that never comes, and its queue takes the
/// whole body: small parts cost it a system call each, and a peer that reads slowly makes each of those dearer. So every
/// now and then we wait in that queue ourselves:
///
///     reader ──▶ [ our turn | part | part | part ] ──▶ loop ──▶ socket
///                            └──── the lead ────┘
///
/// When our turn has come, what was handed over before is with the channel, and if that is full, whoever hands over has
/// been told to wait. The client does not tell which of its loops a request is on, so we wait for a turn of each; once in
/// a lead that is cheap. Exact would be a promise for every part, which the client has in its older API of delegates only.
struct LoopPace: Sendable {
    /// How many bytes may wait in the queue of a loop; one part more, as its size is known when it is there.
    static let lead = 1 << 20
    /// What a part counts at least: a small one costs more than its bytes.
    static let leastPart = 4 << 10

    private let loops: [any EventLoop]
    private var ahead = 0

    init(_ loops: some Sequence<any EventLoop>) {
        self.loops = Array(loops)
    }

    /// Notes a part that is handed over next.
    mutating func handOver(_ bytes: Int) {
        ahead += max(bytes, Self.leastPart)
    }

    /// Returns at once while the lead is small, else when the loops have done what waits for them now.
    ///
    /// - Throws: `EventLoopError` if a loop has been shut down.
    mutating func keep() async throws {
        guard ahead >= Self.lead else { return }
        ahead = 0
        for turn in loops.map({ $0.submit {} }) { try await turn.get() }
    }
}
