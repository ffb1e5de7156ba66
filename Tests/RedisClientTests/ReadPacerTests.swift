import NIOCore
import NIOEmbedded
import Testing

@testable import RedisClient

@Suite("Pace of reading a subscription")
struct ReadPacerTests {
    private let channel = EmbeddedChannel()
    private let pacer = ReadPacer(interval: .milliseconds(5), large: 100)
    private let reads = ReadCount()

    init() throws {
        try channel.pipeline.syncOperations.addHandlers([reads, pacer])
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
    }

    /// Something comes, and the channel asks for what is next, as NIO does.
    private func receive(bytes: Int) throws {
        try channel.writeInbound(ByteBuffer(repeating: 0, count: bytes))
        channel.read()
    }

    private func pass(_ milliseconds: Int64) {
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(milliseconds))
    }

    @Test("what comes after a rest is read at once, the next small piece at the end of the interval")
    func smallPieces() throws {
        channel.read()
        #expect(reads.count == 1)
        pass(50)
        try receive(bytes: 10)
        #expect(reads.count == 2, "after a rest")
        pass(1)
        try receive(bytes: 10)
        pass(3)
        #expect(reads.count == 2, "gathers")
        pass(1)
        #expect(reads.count == 3, "five milliseconds after the read before")
        try receive(bytes: 50)
        #expect(reads.count == 4, "what comes next need not wait, too")
        try receive(bytes: 10)
        #expect(reads.count == 4)
        pass(5)
        #expect(reads.count == 5)
    }

    @Test("pieces that come faster than the interval cost two reads an interval, however many they are")
    func manyPieces() throws {
        channel.read()
        for _ in 0..<1_000 {
            // NIO would deliver nothing while no read is asked for.
            if reads.isAsked { try receive(bytes: 10) }
            channel.embeddedEventLoop.advanceTime(by: .microseconds(50))
        }
        #expect(reads.count >= 18 && reads.count <= 22, "in 50 ms")
    }

    @Test("a large piece is followed by the next at once: nothing is gained by waiting")
    func largePieces() throws {
        channel.read()
        for count in 2..<10 {
            try receive(bytes: 100)
            #expect(reads.count == count)
        }
    }

    @Test("reads nothing while stopped, and goes on when asked again")
    func stopping() throws {
        channel.read()
        try receive(bytes: 10)
        #expect(reads.count == 1, "waits")
        pacer.stop()
        pass(100)
        #expect(reads.count == 1)
        channel.read()
        #expect(reads.count == 2)
    }

    @Test("a connection that ends while a read waits leaves no timer behind")
    func ending() throws {
        channel.read()
        try receive(bytes: 10)
        _ = try channel.finish()
        pass(100)
        #expect(reads.count == 1)
    }
}

/// Stands where the socket is, and counts what it is asked for.
private final class ReadCount: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never

    private(set) var count = 0
    private(set) var isAsked = false

    func read(context: ChannelHandlerContext) {
        count += 1
        isAsked = true
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isAsked = false
        context.fireChannelRead(data)
    }
}
