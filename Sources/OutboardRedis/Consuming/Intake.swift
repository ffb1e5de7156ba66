import Logging
import Outboard

/// Takes messages of lanes and turns them into batches of effects: the hot path of a replica. No I/O.
///
/// Lives on the event loop of its connections. A message is scanned where it lies in the read buffer; an event that is
/// next in its source is handled at once, its bytes kept until Redis has its effects; one behind a hole is kept only.
final class Intake<P: Plugin> {
    /// Bytes of kept events above which new ones are let go: they count as not heard.
    static var keptBytesLimit: Int { 64 << 20 }
    /// Suspicious events kept until records and fences were read again.
    static var suspectLimit: Int { 1_024 }

    var plugin: P
    let logger: Logger
    let type: [UInt8]
    var sources: [ReplicaSource] = []
    /// Lane → sources in it.
    private var byLane: [[Int]]
    private(set) var batch = Batch()
    var figures = ReplicaFigures()
    /// Redis's clock in microseconds and the monotonic one in milliseconds; the session sets them at every tick.
    var redisNow: Int64 = 0
    var now: Int64 = 0
    private var chunk = ByteChunk(capacity: 256 << 10)
    private(set) var keptBytes = 0
    /// Events whose number is far beyond what is known, to be judged with fresh records.
    private(set) var suspects: [(source: Int, id: UInt64, bytes: ByteSlice)] = []
    private var samples = LogSampler()
    private var lastEventTime: Int64 = 0

    init(plugin: P, lanes: Int, logger: Logger) {
        self.plugin = plugin
        self.logger = logger
        self.type = Array(P.Payload.eventType.utf8)
        self.byLane = [[Int]](repeating: [], count: lanes)
    }

    // MARK: Receiving

    /// Takes one message of a lane. `message` is valid during the call only.
    func receive(_ message: UnsafeRawBufferPointer, lane: Int) {
        guard message.count <= 1 << 20 else { return malformed("the message is larger than 1 MiB", lane) }
        EventScanner.scan(message) { element in
            if let reason = element.malformed { return malformed("\(reason)", lane) }
            guard let source = source(of: element, lane: lane) else { return }
            figures.received += 1
            receive(element, source: source)
        }
    }

    private func receive(_ element: borrowing ScannedElement, source: Int) {
        let id = element.id
        guard keptBytes < Self.keptBytesLimit else {
            figures.letGo += 1
            return
        }
        if id > sources[source].plausibleLimit { return suspect(element, source) }
        switch sources[source].cursor.receive(id) {
        case .duplicate: return
        case .handle: handle(element, keep(element.bytes), source: source)
        case .hold:
            guard !sources[source].cursor.isHeld(id) else { return }
            sources[source].cursor.hold(id, keep(element.bytes), now: now)
        }
        if sources[source].cursor.firstHeld == sources[source].cursor.next { drain(source) }
    }

    private func suspect(_ element: borrowing ScannedElement, _ source: Int) {
        guard suspects.count < Self.suspectLimit else { return malformed("its number is out of range", nil) }
        suspects.append((source, element.id, keep(element.bytes)))
    }

    /// Judges suspicious events once records and fences are fresh.
    func judgeSuspects() {
        let judged = suspects
        suspects = []
        for suspect in judged {
            if suspect.id > sources[suspect.source].plausibleLimit {
                keptBytes -= suspect.bytes.count
                malformed("its number is more than 2^20 beyond what its publisher recorded", nil)
            } else {
                sources[suspect.source].cursor.hold(suspect.id, suspect.bytes, now: now)
                drain(suspect.source)
            }
        }
    }

    func malformed(_ reason: String, _ lane: Int?) {
        figures.malformed += 1
        samples.sample(now: now) { skipped in
            logger.warning(
                "malformed message ignored",
                metadata: [
                    "reason": "\(reason)", "lane": "\(lane.map(String.init) ?? "-")", "more": "\(skipped)",
                ])
        }
    }

    private func keep(_ bytes: UnsafeRawBufferPointer) -> ByteSlice {
        keptBytes += bytes.count
        if let slice = chunk.append(bytes) { return slice }
        chunk = ByteChunk(capacity: max(256 << 10, bytes.count))
        guard let slice = chunk.append(bytes) else { preconditionFailure("a new chunk holds what it was made for") }
        return slice
    }

    // MARK: Handling

    /// Handles held events that have become next.
    func drain(_ source: Int) {
        for (_, bytes) in sources[source].cursor.takeContiguous() {
            EventScanner.withElement(in: bytes) { handle($0, bytes, source: source) }
        }
    }

    private func handle(_ element: borrowing ScannedElement, _ bytes: ByteSlice, source: Int) {
        // A source stays in the group in which it began, also when the group before has just been applied.
        if sources[source].isContended || batch.single[source] != nil {
            run(element, bytes, source, in: &batch.single[source, default: Batch.Group()])
        } else {
            run(element, bytes, source, in: &batch.shared)
        }
    }

    private func run(
        _ element: borrowing ScannedElement, _ bytes: ByteSlice, _ source: Int, in group: inout Batch.Group
    ) {
        let id = element.id
        let range: Int
        if let known = sources[source].range {
            range = known
        } else {
            range = group.ranges.count
            group.ranges.append(Batch.Range(source: source, from: id, to: id))
            sources[source].range = range
        }
        group.ranges[range].to = id
        group.retained.append(Batch.Retained(source: source, id: id, bytes: bytes))
        do {
            if let reason = element.unusable { throw UnusableEvent(reason: "\(reason)") }
            let event = try element.makeEvent(of: P.Payload.self, in: bytes)
            lastEventTime = event.time.microseconds
            group.effects.begin(time: event.time.microseconds, now: redisNow)
            try plugin.effects(of: event, into: &group.effects)
            try group.effects.commit()
            group.ranges[range].handled += 1
        } catch {
            group.effects.rollback()
            group.ranges[range].failed += 1
            reportFailure(error, source: source, id: id)
        }
    }

    private func reportFailure(_ error: any Error, source: Int, id: UInt64) {
        samples.sample(now: now) { skipped in
            logger.error(
                "event failed",
                metadata: [
                    "source": "\(sources[source].text)", "id": "\(id)", "error": "\(error)", "more": "\(skipped)",
                ])
        }
    }

    // MARK: Batches

    /// Takes the current batch and starts a new one.
    func seal() -> Batch? {
        guard !batch.isEmpty else { return nil }
        figures.lagMilliseconds = max(0, (redisNow - lastEventTime) / 1_000)
        for range in batch.shared.ranges { sources[range.source].range = nil }
        for source in batch.single.keys { sources[source].range = nil }
        defer { batch = Batch() }
        return batch
    }

    /// Redis has a group: what was kept for it goes.
    func applied(_ group: Batch.Group) {
        for event in group.retained { keptBytes -= event.bytes.count }
        for range in group.ranges {
            figures.handled += range.handled
            figures.failed += range.failed
            sources[range.source].isContended = false
        }
    }

    /// Redis refused groups: their events and those of the current batch are held again behind the fences of now.
    ///
    /// - Parameter fences: Of each source of the refused groups; nil where Redis has none.
    func refused(_ groups: [Batch.Group], fences: [Int: UInt64?]) {
        var touched = Set(fences.keys)
        for group in groups { rehold(group) }
        if let current = seal() {
            for group in current.groups {
                for range in group.ranges where fences[range.source] == nil {
                    sources[range.source].cursor.settle(fence: range.from - 1)
                    touched.insert(range.source)
                }
                rehold(group)
            }
        }
        for (source, fence) in fences {
            sources[source].isContended = true
            settle(source, fence: fence)
        }
        for source in touched { drain(source) }
    }

    /// The connection is gone: nothing that was not confirmed is believed any more.
    func suspend(_ inFlight: [Batch.Group]) {
        for group in inFlight { rehold(group) }
        for group in seal()?.groups ?? [] { rehold(group) }
        for index in sources.indices {
            sources[index].cursor.unsettle()
            sources[index].isContended = false
        }
    }

    /// Takes the fence that Redis has now, or nil where it has none; `drain` goes on from there.
    func settle(_ source: Int, fence: UInt64?) {
        guard let fence else { return sources[source].cursor.unsettle() }
        for bytes in sources[source].cursor.settle(fence: fence) { keptBytes -= bytes.count }
    }

    private func rehold(_ group: Batch.Group) {
        for event in group.retained { sources[event.source].cursor.hold(event.id, event.bytes, now: now) }
    }

    // MARK: Sources

    private func source(of element: borrowing ScannedElement, lane: Int) -> Int? {
        let bytes = element.source
        for source in byLane[lane] {
            let matches = sources[source].bytes.withUnsafeBytes { Bytes.equal($0, bytes) }
            if matches { return typeMatches(element, lane) ? source : nil }
        }
        guard typeMatches(element, lane) else { return nil }
        guard let parsed = EventSource(bytes), parsed.lane == lane, parsed.type == P.Payload.eventType else {
            malformed("its source is not of this channel", lane)
            return nil
        }
        return addSource(publisher: parsed.publisher, lane: lane)
    }

    private func typeMatches(_ element: borrowing ScannedElement, _ lane: Int) -> Bool {
        let theirs = element.type
        let same = type.withUnsafeBytes { Bytes.equal($0, theirs) }
        if !same { malformed("its type is not of this channel", lane) }
        return same
    }

    /// The index of a source, which is made if it is new.
    func addSource(publisher: String, lane: Int) -> Int {
        if let known = byLane[lane].first(where: { sources[$0].publisher == publisher }) { return known }
        let text = "/\(publisher)/\(P.Payload.eventType)/\(lane)"
        sources.append(
            ReplicaSource(text: text, bytes: Array(text.utf8), publisher: publisher, lane: lane, firstSeen: now))
        byLane[lane].append(sources.count - 1)
        return sources.count - 1
    }
}

/// An event that has a number and cannot be handled.
struct UnusableEvent: Error, CustomStringConvertible {
    let reason: String
    var description: String { "the event cannot be used: \(reason)" }
}

/// Lets one message a second through and counts the others.
struct LogSampler {
    private var next: Int64 = .min
    private var skipped = 0

    /// Calls `log` with the number of messages that were held back since the last one.
    mutating func sample(now: Int64, _ log: (Int) -> Void) {
        guard now >= next else { return skipped += 1 }
        next = now + 1_000
        log(skipped)
        skipped = 0
    }
}
