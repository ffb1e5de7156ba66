import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// What `redis-cli psubscribe 'outboard:events:*'` would show, read from a plain socket without any code of ours.
final class EventTap: Sendable {
    struct Heard {
        let channel: String
        let payload: String
    }

    private let bytes: Received
    private let channel: any Channel

    private init(_ channel: any Channel, _ bytes: Received) {
        self.channel = channel
        self.bytes = bytes
    }

    /// Subscribes, and returns when Redis has confirmed it.
    static func open(port: Int) async throws -> EventTap {
        let (confirmed, confirm) = AsyncStream<Void>.makeStream()
        let bytes = Received()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(bytes) { confirm.finish() })
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        try await channel.writeAndFlush(ByteBuffer(string: "PSUBSCRIBE outboard:events:*\r\n")).get()
        for await _ in confirmed {}
        return EventTap(channel, bytes)
    }

    func close() async throws { try await channel.close().get() }

    /// All messages so far, in the order of their arrival.
    var heard: [Heard] {
        // RESP: *4 $8 pmessage $n pattern $n channel $n payload; JSON has no line breaks of its own.
        let lines = String(buffer: bytes.buffer.withLock { $0 }).components(separatedBy: "\r\n")
        return lines.indices.filter { lines[$0] == "pmessage" && $0 + 6 < lines.count - 1 }.map {
            Heard(channel: lines[$0 + 4], payload: lines[$0 + 6])
        }
    }

    /// All events so far as any program would read them, each with its channel; an array is several events.
    func events() throws -> [(channel: String, event: [String: Any])] {
        try heard.flatMap { message -> [(channel: String, event: [String: Any])] in
            let json = try JSONSerialization.jsonObject(with: Data(message.payload.utf8))
            let events = (json as? [[String: Any]]) ?? (json as? [String: Any]).map { [$0] }
            guard let events else { throw NoEvent(payload: message.payload) }
            return events.map { (message.channel, $0) }
        }
    }

    struct NoEvent: Error {
        let payload: String
    }

    private final class Received: Sendable {
        let buffer = Mutex(ByteBuffer())
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let bytes: Received
        private let confirm: @Sendable () -> Void

        init(_ bytes: Received, confirm: @escaping @Sendable () -> Void) {
            self.bytes = bytes
            self.confirm = confirm
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            bytes.buffer.withLock { _ = $0.writeBuffer(&buffer) }
            confirm()
        }
    }
}
