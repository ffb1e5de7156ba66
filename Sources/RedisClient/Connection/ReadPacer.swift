import NIOCore

/// Lets what comes in small pieces gather for up to five milliseconds before it is read.
///
/// Redis writes to a subscriber each time it has read from a publisher, so a busy bus would wake a subscriber thousands of
/// times a second for a few kilobytes each, and waking costs more than they do. The first read after a rest is never late;
/// a second one within the interval waits for its end. What waited has gathered, so the read behind it goes at once, and
/// so does the one behind a large read: two reads an interval where small pieces come without end.
final class ReadPacer: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never

    private let interval: TimeAmount
    /// Bytes in one read from which on nothing is gained by waiting for more.
    private let large: Int
    private var lastRead: NIODeadline?
    /// Bytes that have come since the last read was asked for.
    private var bytes = 0
    private var pause: Scheduled<Void>?
    /// Whether the present read waited: what it brings had gathered, and the next one need not.
    private var hasPaused = false
    /// A pause that is over may lie in the loop's present turn, where it cannot be cancelled any more.
    private var stops = 0

    init(interval: TimeAmount = .milliseconds(5), large: Int = 64 << 10) {
        self.interval = interval
        self.large = large
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    /// NIO asks for the next read after each one.
    func read(context: ChannelHandlerContext) {
        guard pause == nil else { return }
        let isSmall = bytes < large
        bytes = 0
        let now = context.eventLoop.now
        guard isSmall, !hasPaused, let lastRead, now - lastRead < interval else {
            hasPaused = false
            return read(now, context)
        }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        pause = context.eventLoop.scheduleTask(deadline: lastRead + interval) { [stops] in
            let (pacer, context) = bound.value
            guard pacer.stops == stops else { return }
            pacer.pause = nil
            pacer.hasPaused = true
            pacer.read(context.eventLoop.now, context)
        }
    }

    private func read(_ now: NIODeadline, _ context: ChannelHandlerContext) {
        lastRead = now
        context.read()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stop()
    }

    /// Forgets the read that waits: nothing is to be read until NIO asks again.
    func stop() {
        stops += 1
        pause?.cancel()
        pause = nil
    }
}
