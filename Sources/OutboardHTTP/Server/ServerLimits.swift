import NIOCore

/// What a server of ours takes from its clients.
package struct ServerLimits: Sendable {
    /// Bytes of all header fields of a request; more is answered with 431.
    package var headerBytes = 64 << 10
    /// Header fields of a request; more is answered with 431.
    package var headerFields = 256
    /// Bytes of a request's body, as declared; a client that waits for `100 Continue` is not told to send more.
    package var bodyBytes = Int.max
    /// Connections at once; further ones wait in the kernel's queue. Each takes a file, and running out of those would end
    /// the server.
    package var connections = 512
    /// How long a connection may wait for a request, or for the next bytes of one.
    package var idle: Duration = .seconds(75)
    /// How long a client may take no bytes of its answer while some wait.
    package var stalledWrite: Duration = .seconds(60)
    /// How long a connection that we end stays readable, so that the client sees our answer before the end.
    package var linger: Duration = .seconds(2)

    package init() {}
}

extension Duration {
    var timeAmount: TimeAmount {
        let (seconds, attoseconds) = components
        return .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
