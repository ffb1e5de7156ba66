import Logging
import Outboard

/// Takes messages of lanes and turns them into batches of effects: the hot path of a replica, as a value. No I/O.
///
/// A message is copied once and scanned where it then lies. An event that is next in its source is handled at once and
/// its message kept until Redis has the effects; one behind a hole is held. On lanes where another replica ranks first
/// messages stay as they came, unscanned, until the fence has passed them or they are due (`Standby`).
struct Intake {
    /// Bytes of kept messages above which the oldest on standby are let go, or else new ones: they count as not heard.
    static var keptBytesLimit: Int { 64 << 20 }
    /// Events of one source with absurd numbers that are kept until records and fences were read again.
    static var suspectLimit: Int { 1_024 }

    /// Where a message comes from when it is scanned.
    enum Pass {
        /// From the subscription.
        case fresh
        /// From standby, where its events were counted as received.
        case due
        /// From a group that Redis refused: everything about it was counted.
        case again
    }

    let handler: any EventHandler
    let logger: Logger
    let eventType: String
    let type: [UInt8]
    var sources: [ReplicaSource] = []
    var lanes: [LaneIntake]
    var batch = Batch()
    var figures = ReplicaFigures()
    /// Messages of any kind that the subscription has brought: whether it moves at all.
    var heard: UInt64 = 0
    /// Redis's clock in microseconds and the monotonic one in milliseconds; the session sets them at every tick.
    var redisNow: Int64 = 0
    var now: Int64 = 0
    var keptBytes = 0
    /// The part of it that Redis has yet to apply.
    var backlog: Backlog
    /// Something was held of a source whose fence is not known: fences should be read soon.
    var hasUnsettled = false
    /// Publishers that were forgotten.
    var retired: Set<String> = []
    private var shelf = MessageShelf()
    private var samples = LogSampler()
    private var messageNumber: UInt64 = 0
    var lastEventTime: Int64 = 0

    init(
        plugin: some Plugin, lanes: Int, logger: Logger, limits: Backlog.Limits = Backlog.Limits(),
        budgetMicroseconds: Int = 10_000
    ) {
        self.handler = PluginHandler(plugin, budgetMicroseconds: budgetMicroseconds)
        self.logger = logger
        self.backlog = Backlog(limits: limits)
        self.eventType = handler.eventType
        self.type = Array(handler.eventType.utf8)
        self.lanes = Array(repeating: LaneIntake(), count: lanes)
    }

    /// Takes a configuration between two events; see `EventHandler`.
    func configure(_ changes: [String: JSONValue]) throws {
        try handler.configure(changes)
    }

    /// Says whether the plugin would take a configuration; see `EventHandler`.
    func judge(_ changes: [String: JSONValue]) throws {
        try handler.judge(changes)
    }

    /// How long the plugin has taken for its events since the last question.
    func takeTimes() -> HandlingTimes.Summary { handler.takeTimes() }

    // MARK: Receiving

    /// Takes one message of a lane. `raw` is valid during the call only.
    mutating func receive(_ raw: UnsafeRawBufferPointer, lane: Int) {
        // What was on its way when the lane was left belongs to others.
        guard lanes[lane].isOpen else { return }
        guard raw.count <= 1 << 20 else { return malformed("the message is larger than 1 MiB", lane) }
        guard makeRoom(raw.count) else {
            figures.letGo += MessageHead(raw).map { $0.last - $0.first + 1 } ?? 1
            return
        }
        let message = KeptMessage(lane: lane, bytes: shelf.copy(raw), arrival: now)
        if lanes[lane].rule.delay > 0 || !lanes[lane].standby.isEmpty {
            standBy(message)
        } else {
            scan(message, .fresh)
        }
    }

    /// Takes every event of a message.
    mutating func scan(_ message: KeptMessage, _ pass: Pass) {
        messageNumber += 1
        message.bytes.withBytes { raw in
            EventScanner.scan(raw) { element in
                if let reason = element.malformed {
                    return pass == .again ? () : malformed("\(reason)", message.lane)
                }
                guard let source = source(of: element, lane: message.lane, pass) else { return }
                if pass == .fresh { figures.received += 1 }
                // An element lies inside the message in which it was found.
                let start = raw.baseAddress.flatMap { base in element.bytes.baseAddress.map { $0 - base } } ?? 0
                take(element, message.bytes[start..<start + element.bytes.count], message, source)
            }
        }
    }

    private mutating func take(
        _ element: borrowing ScannedElement, _ bytes: ByteSlice, _ message: KeptMessage, _ source: Int
    ) {
        let id = element.id
        guard let arrival = sources[source].receive(id) ?? receiveSuspect(id, source) else { return }
        switch arrival {
        case .duplicate: return
        case .handle: handle(element, bytes, source, of: message)
        case .hold: hold(id, bytes, source, arrival: message.arrival)
        }
        if sources[source].cursor.firstHeld == sources[source].cursor.next { drain(source) }
    }

    private mutating func hold(_ id: UInt64, _ bytes: ByteSlice, _ source: Int, arrival: Int64) {
        guard !sources[source].cursor.isHeld(id) else { return }
        sources[source].cursor.hold(id, bytes, arrival: arrival)
        if sources[source].cursor.next == nil { hasUnsettled = true }
        keptBytes += bytes.count
    }

    // MARK: Handling

    /// Handles held events that have become next.
    mutating func drain(_ source: Int) {
        for (_, bytes) in sources[source].cursor.takeContiguous() {
            keptBytes -= bytes.count
            messageNumber += 1
            let message = KeptMessage(lane: sources[source].lane, bytes: bytes, arrival: now)
            EventScanner.withElement(in: bytes) { handle($0, bytes, source, of: message) }
        }
    }

    private mutating func handle(
        _ element: borrowing ScannedElement, _ bytes: ByteSlice, _ source: Int, of message: KeptMessage
    ) {
        let place = place(of: source, id: element.id)
        if element.unusable == nil { lastEventTime = element.time.microseconds }
        let done = batch.groups[place.group].handle(
            element, bytes, of: message, number: messageNumber, range: place.range, by: handler, now: redisNow)
        keptBytes += done.kept
        backlog.keep(done.kept)
        if let error = done.error { reportFailure(error, source, element.id) }
        if done.isFull { close(place.group) }
    }

    private mutating func reportFailure(_ error: any Error, _ source: Int, _ id: UInt64) {
        let (logger, text) = (logger, sources[source].text)
        samples.sample(now: now) { skipped in
            logger.error(
                "event failed",
                metadata: ["source": "\(text)", "id": "\(id)", "error": "\(error)", "more": "\(skipped)"])
        }
    }

    // MARK: Refusing

    /// Takes one more event with an absurd number, which is held until it is judged; nil if there are too many.
    private mutating func receiveSuspect(_ id: UInt64, _ source: Int) -> SourceCursor<ByteSlice>.Arrival? {
        guard sources[source].suspects < Self.suspectLimit else {
            malformed("its number is out of range", sources[source].lane)
            return nil
        }
        sources[source].suspects += 1
        return sources[source].cursor.receive(id)
    }

    /// Judges events with absurd numbers; they wait behind a hole, so nobody has handled them.
    ///
    /// - Parameter time: When records and fences were read again; only what came before is judged.
    mutating func judgeSuspects(before time: Int64) {
        for index in sources.indices where sources[index].cursor.heldCount > 0 {
            guard let limit = sources[index].plausibleLimit else { continue }
            for bytes in sources[index].cursor.dropHeld(above: limit, before: time) {
                keptBytes -= bytes.count
                malformed("its number is more than 2^20 beyond what its publisher recorded", sources[index].lane)
            }
            sources[index].suspects = 0
        }
    }

    mutating func malformed(_ reason: String, _ lane: Int?) {
        figures.malformed += 1
        let logger = logger
        samples.sample(now: now) { skipped in
            logger.warning(
                "malformed message ignored",
                metadata: [
                    "reason": "\(reason)", "lane": "\(lane.map(String.init) ?? "-")", "more": "\(skipped)",
                ])
        }
    }
}

/// An event that has a number and cannot be handled.
struct UnusableEvent: Error, CustomStringConvertible {
    let reason: String
    var description: String { "the event cannot be used: \(reason)" }
}

/// Holds an intake where the read loop and the replica, both on one event loop, change it in place.
final class IntakeBox {
    // Unchecked: the read loop changes it for every message, and nothing that it calls comes back here.
    @exclusivity(unchecked) var intake: Intake

    init(_ intake: Intake) {
        self.intake = intake
    }
}
