package import Logging
package import NIOCore
package import Outboard
import RedisClient
import Synchronization

/// One numbering authority: accepts events on any thread, sends them on one event loop over one connection.
///
/// `accept` only locks the outbox (uncontended on the publisher's own loop), encodes, and asks the loop for a flush: at
/// once behind a quiet time, at most once a millisecond otherwise. Everything that waits for Redis happens in `run()`: connect, register, wait until somebody
/// hears what is queued, then flush and record until the connection breaks, and again.
package final class Publisher: Sendable {
    let settings: PublisherSettings
    let eventLoop: any EventLoop
    let logger: Logger
    private let outbox: Mutex<Outbox>
    private let flushIsDue = Atomic(false)
    /// Touched on the event loop only.
    private let link: NIOLoopBoundBox<PublisherLink?>
    private let pace: NIOLoopBoundBox<FlushPace>
    /// Until the next record.
    private let recordPause: NIOLoopBoundBox<Pause>
    private let acknowledged = Atomic<UInt64>(0)

    package init(settings: PublisherSettings, eventLoop: any EventLoop, logger: Logger) {
        self.settings = settings
        self.eventLoop = eventLoop
        self.logger = logger
        self.link = .makeEmptyBox(valueType: PublisherLink.self, eventLoop: eventLoop)
        self.pace = .makeBoxSendingValue(FlushPace(), eventLoop: eventLoop)
        self.recordPause = .makeBoxSendingValue(Pause(on: eventLoop), eventLoop: eventLoop)
        var generator = SystemRandomNumberGenerator()
        self.outbox = Mutex(
            Outbox(
                id: PublisherID(name: settings.name, using: &generator), names: settings.names,
                laneCount: settings.lanes, limits: settings.limits))
    }

    /// Takes one event; never waits for Redis.
    ///
    /// - Throws: `EventError` if the event cannot be encoded or is over 1 MiB.
    package func accept<Payload: EventPayload>(
        _ payload: Payload, key: String?, traceparent: String?, time: Timestamp
    ) throws {
        try outbox.withLock { try $0.accept(payload, key: key, traceparent: traceparent, time: time) }
        askForFlush()
    }

    /// Takes one event whose data is JSON already; never waits for Redis.
    ///
    /// - Throws: `EventError` if the type is none or the event is over 1 MiB.
    @discardableResult
    package func accept(
        _ data: JSONSlice, type: String, key: String?, traceparent: String?, time: Timestamp
    ) throws -> EventNumber {
        let number = try outbox.withLock {
            try $0.accept(data, type: type, key: key, traceparent: traceparent, time: time)
        }
        askForFlush()
        return number
    }

    func hasRecorded(_ event: EventNumber) -> Bool { outbox.withLock { $0.hasRecorded(event) } }

    @inline(__always)
    private func askForFlush() {
        // A flush that is due and has not begun takes this event, too: it clears the flag before it locks the outbox.
        guard !flushIsDue.load(ordering: .acquiring),
            !flushIsDue.exchange(true, ordering: .acquiringAndReleasing)
        else { return }
        requestFlush()
    }

    package var statistics: BusStatistics {
        var statistics = outbox.withLock {
            BusStatistics(accepted: $0.accepted, dropped: $0.dropped, buffered: UInt64($0.count))
        }
        statistics.acknowledged = acknowledged.load(ordering: .relaxed)
        statistics.connected = isConnected.load(ordering: .relaxed)
        return statistics
    }

    let isConnected = Atomic(false)
    private let registered = Mutex(PublisherRegistration())
    private let shutdown = Mutex<NIODeadline?>(nil)

    /// The publisher's present id.
    package var id: PublisherID { outbox.withLock { $0.id } }

    func withOutbox<Result>(_ body: (inout Outbox) throws -> sending Result) rethrows -> sending Result {
        try outbox.withLock(body)
    }

    @discardableResult
    func registration<Result>(
        _ body: (inout PublisherRegistration) throws -> sending Result
    ) rethrows -> sending Result {
        try registered.withLock(body)
    }

    /// Whether the present id may belong to the past: then nothing is sent under it any more.
    var isForgotten: Bool {
        let now = ContinuousClock.now
        return registration { $0.isForgotten(after: settings.cadence.identityLifetime, now: now) }
    }

    /// - Throws: If the present id may belong to the past; the next connection begins with a new one.
    func checkIdentity() throws {
        guard isForgotten else { return }
        throw RedisError(code: .notConnected, message: "no heartbeat for \(settings.cadence.identityLifetime)")
    }

    /// When a shutdown is over; it begins with the first question.
    func shutdownDeadline() -> NIODeadline {
        shutdown.withLock { deadline in
            let set = deadline ?? .now() + .nanoseconds(Int64(settings.cadence.shutdown / .nanoseconds(1)))
            deadline = set
            return set
        }
    }

    /// Has the loop flush when that is due. The flag is set, so that nobody else asks.
    private func requestFlush() {
        eventLoop.execute {
            let now = NIODeadline.now()
            let due = self.pace.value.due(now: now)
            guard due > now else { return self.flush() }
            self.eventLoop.scheduleTask(deadline: due) { self.flush() }
        }
    }

    // MARK: On the event loop

    /// The flush that was asked for: from now on the next event asks for another.
    func flush() {
        flushIsDue.store(false, ordering: .releasing)
        send()
    }

    /// Sends what waits, as far as the window has room.
    private func send() {
        guard let link = link.value, link.isOpen else { return }
        do {
            try checkIdentity()
        } catch {
            return link.refuse(error)
        }
        var frames: Outbox.Frames?
        var announcement: [(name: String, number: UInt64)] = []
        var (waiting, wantsRecord) = (0, false)
        let now = NIODeadline.now()
        outbox.withLock { outbox in
            announcement = outbox.takeUnannounced()
            frames = outbox.takeFrames(unanswered: link.unanswered, allocator: link.allocator)
            if frames != nil, pace.value.isLaneOver(now: now) { outbox.advanceLane() }
            (waiting, wantsRecord) = (outbox.waiting, outbox.wantsRecord)
        }
        if wantsRecord { recordPause.value.end() }
        pace.value.flushed(at: now, leaving: waiting)
        if !announcement.isEmpty { link.write(announcement) }
        guard let frames else { return }
        link.send(frames)
    }

    /// Returns when the next record is due: when its time has come, before that when the outbox wants it, and when the
    /// task is cancelled.
    func waitForRecord() async throws {
        let time = TimeAmount.nanoseconds(Int64(settings.cadence.record / .nanoseconds(1)))
        try await withTaskCancellationHandler {
            try await eventLoop.flatSubmit { self.recordPause.value.over(in: time) }.get()
        } onCancel: {
            eventLoop.execute { self.recordPause.value.end() }
        }
    }

    /// From now on flushes go to this connection.
    func attach(_ new: PublisherLink) {
        link.value = new
        new.onProgress = { [weak self] events in
            guard let self else { return }
            self.acknowledged.add(UInt64(events), ordering: .relaxed)
            // With room for half a window the next array message pays; more often would cut the arrays short.
            guard self.pace.value.isHeldUp, !self.pace.value.isFollowing, let link = self.link.value,
                link.unanswered <= self.settings.limits.window / 2
            else { return }
            self.pace.value.isFollowing = true
            self.eventLoop.execute {
                self.pace.value.isFollowing = false
                self.send()
            }
        }
    }

    /// - Returns: Why the connection was of no use any more, if so.
    func detach() -> (any Error)? {
        defer { link.value = nil }
        // While there is no connection nothing is on the wire: the oldest of all are the first to go.
        _ = withOutbox { $0.rewind() }
        return link.value?.refusal
    }

    /// - Throws: If there is none, or why it is of no use any more.
    func openLink() throws -> PublisherLink {
        guard let link = link.value else { throw RedisError(code: .notConnected, message: "there is no connection") }
        if let refusal = link.refusal { throw refusal }
        return link
    }
}
