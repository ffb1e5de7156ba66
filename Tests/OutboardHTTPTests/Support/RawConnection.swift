import NIOCore
import NIOPosix

/// A TCP connection whose bytes a test writes and reads by itself.
struct RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private(set) var received = ""
    let channel: any Channel

    fileprivate init(
        _ channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.channel = channel.channel
        self.outbound = outbound
        self.inbound = inbound.makeAsyncIterator()
    }

    func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await outbound.write(bytes)
    }

    /// Ends our side; the other may still write.
    func finish() {
        outbound.finish()
    }

    /// Takes what has come; nil at the end.
    mutating func read() async throws -> String? {
        guard let buffer = try await inbound.next(isolation: #isolation) else { return nil }
        let text = String(buffer: buffer)
        received += text
        return text
    }

    /// Takes what has come and keeps nothing of it; nil at the end.
    mutating func take() async throws -> ByteBuffer? {
        try await inbound.next(isolation: #isolation)
    }

    /// Reads until all that was received contains `text`, or to the end; tells which.
    @discardableResult
    mutating func read(until text: String) async throws -> Bool {
        while !received.contains(text) {
            guard try await read() != nil else { return false }
        }
        return true
    }

    /// Reads to the end of the connection, also if that is a reset.
    mutating func readToEnd() async -> String {
        do {
            while try await read() != nil {}
        } catch {}
        return received
    }

    /// - Parameter receiveBuffer: What the kernel keeps while we do not read; without, megabytes.
    static func open<Value>(
        _ port: Int, receiveBuffer: Int? = nil, _ body: (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
        }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(channel, inbound, outbound)
            return try await body(&connection)
        }
    }
}

/// Serves each connection by a closure that reads and writes bytes as it likes, for as long as `body` runs.
///
/// - Parameter receiveBuffer: What the kernel keeps for a connection that does not read; without, megabytes.
func withRawServer<Value: Sendable>(
    receiveBuffer: Int? = nil,
    _ serve: @escaping @Sendable (inout RawConnection) async throws -> Void,
    _ body: @escaping @Sendable (_ port: Int) async throws -> Value
) async throws -> Value {
    var bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .serverChannelOption(.backlog, value: 1_024)
    if let receiveBuffer {
        // Accepted sockets inherit it.
        bootstrap = bootstrap.serverChannelOption(.socketOption(.so_rcvbuf), value: .init(receiveBuffer))
    }
    let server = try await bootstrap.childChannelOption(.allowRemoteHalfClosure, value: true)
        .bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                    wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
    guard let port = server.channel.localAddress?.port else { throw CancellationError() }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await server.executeThenClose { connections in
                try await withThrowingDiscardingTaskGroup { group in
                    for try await connection in connections {
                        group.addTask {
                            // A test ends connections as it likes.
                            try? await connection.executeThenClose { inbound, outbound in
                                var raw = RawConnection(connection, inbound, outbound)
                                try await serve(&raw)
                            }
                        }
                    }
                }
            }
            return nil
        }
        group.addTask { try await body(port) }
        defer { group.cancelAll() }
        while let value = try await group.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}
