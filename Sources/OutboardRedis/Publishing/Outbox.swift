import DequeModule
package import Outboard

/// What a publisher has accepted and Redis has not yet booked, as a value: numbering, lanes, order, bounds.
///
/// ```text
///   events   [ booked by a record? | sent, not booked | waiting ]
///              removed at once       0 ..< sent         sent ..<
/// ```
///
/// An event gets its lane and its number when it is accepted, is encoded once, and stays until a record that counts it
/// was written: a `PUBLISH` that a deposed master acknowledged is worth nothing. Whatever breaks the connection moves
/// all of them back to waiting, to be sent again with the same numbers. Consumers drop what they have.
///
/// Messages: as long as the window has room for every waiting event, each goes out as one object; when it has not, they
/// go as arrays. The bound is in bytes; what goes over it drops the first waiting event, and where none waits (all are
/// on the wire of a connection that does not move) the new one, both counted. Its number stays given out: the lane's
/// record is written past it, so that consumers see the hole although no later event may ever show it.
package struct Outbox: ~Copyable {
    /// Bounds of one outbox.
    package struct Limits: Sendable {
        /// Bytes of encoded events that may wait for Redis.
        package var bytes = 64 << 20
        /// Messages without an answer, from which on events go as arrays.
        package var window = 512
        /// Most events in one array.
        package var batch = 64
        /// Most bytes of one message.
        package var messageBytes = 1 << 20

        package init() {}
    }

    struct QueuedEvent {
        let lane: Int32
        let id: UInt64
        let place: EventShelf.Place
    }

    /// One lane of one type: its channel and its numbering.
    struct Lane {
        let number: Int
        let type: String
        let template: EventTemplate
        /// `*3\r\n$7\r\nPUBLISH\r\n$<n>\r\n<channel>\r\n$`; the payload's length follows.
        let head: [UInt8]
        var last: UInt64 = 0
        /// The number before the first event that waits: sent on the present connection, booked before, or dropped.
        var sent: UInt64 = 0
        /// The highest number that was on any connection that has ended: consumers may have it.
        var tried: UInt64 = 0
        /// The highest number that a written record covers.
        var recorded: UInt64 = 0
        /// The highest number that was dropped.
        var dropped: UInt64 = 0
        /// The highest number that consumers may know of.
        var known: UInt64 { max(tried, recorded) }
    }

    let names: RedisNames
    let laneCount: Int
    let limits: Limits
    package private(set) var id: PublisherID
    var lanes: [Lane] = []
    /// Type → index of its lane 0 in `lanes`.
    private var firstLane: [String: Int] = [:]
    private var currentLane = 0
    var events = Deque<QueuedEvent>()
    /// How many of `events`, from the front, are on the wire.
    var sent = 0
    private(set) var bytes = 0
    var shelf = EventShelf()
    private var writer = EventWriter()
    /// Lanes whose record is behind what was sent or dropped.
    var unrecorded = Set<Int>()
    /// Types that were first used on this connection: their record of zeros goes out before their first event.
    var unannounced: [String] = []
    private var keyedWaiting = false
    /// The payload type of the last event, and the index of its lane 0: nearly always that of the next one, too.
    private var lastPayload: (type: ObjectIdentifier, firstLane: Int)?

    package private(set) var accepted: UInt64 = 0
    package internal(set) var dropped: UInt64 = 0

    package init(id: PublisherID, names: RedisNames, laneCount: Int, limits: Limits = Limits()) {
        self.id = id
        self.names = names
        self.laneCount = laneCount
        self.limits = limits
    }

    /// Events that are not booked yet.
    package var count: Int { events.count }
    /// Whether a record should not wait for its time: half of the room is taken, most of it by what a record would free.
    package var wantsRecord: Bool { bytes >= limits.bytes / 2 && sent >= events.count / 2 }
    /// Events that are not on the wire.
    package var waiting: Int { events.count - sent }

    /// Numbers, encodes and queues one event.
    ///
    /// - Throws: `EventError` if it cannot be encoded or is over 1 MiB; it then has no number.
    package mutating func accept<Payload: EventPayload>(
        _ payload: Payload, key: String?, traceparent: String?, time: Timestamp
    ) throws {
        let lane = try lane(of: Payload.self, key: key)
        try writer.write(
            payload, template: lanes[lane].template, id: lanes[lane].last + 1, time: time, key: key,
            traceparent: traceparent)
        try queue(lane)
        if key != nil { keyedWaiting = true }
        accepted += 1
    }

    /// Numbers and queues one event whose data is JSON already, for a type that no payload of ours names.
    ///
    /// - Throws: `EventError` if the type is none or the event is over 1 MiB; it then has no number.
    @discardableResult
    package mutating func accept(
        _ data: JSONSlice, type: String, key: String?, traceparent: String?, time: Timestamp
    ) throws -> EventNumber {
        let lane = lane(ofFirst: try firstLane[type] ?? register(type), key: key)
        let (template, id) = (lanes[lane].template, lanes[lane].last + 1)
        try data.withBytes { bytes in
            try writer.write(data: bytes, template: template, id: id, time: time, key: key, traceparent: traceparent)
        }
        try queue(lane)
        if key != nil { keyedWaiting = true }
        accepted += 1
        return EventNumber(source: "/\(self.id.text)/\(type)/\(lanes[lane].number)", id: id)
    }

    /// Whether a written record counts this event as sent; false where it was dropped or the publisher has another id by
    /// now.
    package func hasRecorded(_ event: EventNumber) -> Bool {
        guard let source = EventSource(event.source), source.publisher == id.text, let first = firstLane[source.type],
            source.lane < laneCount
        else { return false }
        let lane = lanes[first + source.lane]
        return lane.recorded >= event.id && lane.dropped < event.id
    }

    /// Takes a new id and numbers what waits anew: the old numbers may belong to somebody else by now.
    ///
    /// In each lane the new numbers begin behind what consumers may know under the old id, so that events dropped since
    /// then are holes under the new one. What was sent under the old id and never booked is dropped: it may have been
    /// counted, and under a new number it would be counted again.
    package mutating func reissue(as id: PublisherID) throws {
        noteTried()
        let (oldEvents, oldLanes) = (events, lanes)
        let types = firstLane.sorted { $0.value < $1.value }.map(\.key)
        self.id = id
        (events, sent, bytes, lanes, firstLane, unrecorded, unannounced) = ([], 0, 0, [], [:], [], [])
        lastPayload = nil
        for type in types { _ = try register(type) }
        for event in oldEvents {
            let lane = Int(event.lane)
            let known = oldLanes[lane].known
            // What is queued anew below lies in a place of its own.
            let old = shelf.slice(of: event.place)
            shelf.remove(event.place)
            guard event.id > known else {
                dropped += 1
                continue
            }
            lanes[lane].last = event.id - known - 1
            try old.withBytes { source in
                try writer.rewrite(source, template: lanes[lane].template, id: event.id - known)
            }
            try queue(lane)
        }
        for (index, old) in oldLanes.enumerated() {
            lanes[index].last = old.last - old.known
            lanes[index].dropped = old.dropped - min(old.dropped, old.known)
        }
    }

    /// Puts everything that is not booked back in front, as after a lost connection.
    ///
    /// - Returns: The record as it is to be written before the resend: for each lane the number before the first event
    ///   that is still here, so that what was dropped shows as a hole.
    package mutating func rewind() -> Record {
        noteTried()
        sent = 0
        unrecorded = []
        unannounced = []
        for index in lanes.indices { lanes[index].sent = lanes[index].last }
        for event in events.reversed() { lanes[Int(event.lane)].sent = event.id - 1 }
        return record(of: lanes.indices)
    }

    private mutating func noteTried() {
        for event in events.prefix(sent) { note(event.id, triedOn: Int(event.lane)) }
    }

    mutating func note(_ number: UInt64, triedOn lane: Int) {
        lanes[lane].tried = max(lanes[lane].tried, number)
    }

    /// Orders waiting events by lane, each lane's order kept, so that arrays become long although keys mix the lanes.
    mutating func gatherLanes() {
        guard keyedWaiting, waiting > 1 else { return }
        keyedWaiting = false
        var byLane: [Int32: [QueuedEvent]] = [:]
        for event in events[sent...] { byLane[event.lane, default: []].append(event) }
        events.removeLast(waiting)
        for lane in byLane.keys.sorted() { events.append(contentsOf: byLane[lane, default: []]) }
    }

    /// Events without a key go to the next lane from now on.
    package mutating func advanceLane() {
        currentLane = (currentLane + 1) % laneCount
    }

    // MARK: Private

    private mutating func lane<Payload: EventPayload>(of payload: Payload.Type, key: String?) throws -> Int {
        let type = ObjectIdentifier(payload)
        let first: Int
        if let last = lastPayload, last.type == type {
            first = last.firstLane
        } else {
            first = try firstLane[Payload.eventType] ?? register(Payload.eventType)
            lastPayload = (type, first)
        }
        return lane(ofFirst: first, key: key)
    }

    private func lane(ofFirst first: Int, key: String?) -> Int {
        guard let key else { return first + currentLane }
        return first + LaneRule.lane(ofKey: key, lanes: laneCount)
    }

    private mutating func register(_ type: String) throws -> Int {
        let first = lanes.count
        for number in 0..<laneCount {
            let channel = names.events(type: type, lane: number)
            lanes.append(
                Lane(
                    number: number, type: type,
                    template: try EventTemplate(publisher: id.text, type: type, lane: number),
                    head: Array("*3\r\n$7\r\nPUBLISH\r\n$\(channel.utf8.count)\r\n\(channel)\r\n$".utf8)))
        }
        firstLane[type] = first
        unannounced.append(type)
        return first
    }

    /// Queues what the writer holds; the number is given out only if this succeeds.
    private mutating func queue(_ lane: Int) throws {
        let place = try writer.withBytes { encoded in
            guard encoded.count <= limits.messageBytes else { throw EventError.tooLarge(bytes: encoded.count) }
            return shelf.add(encoded)
        }
        lanes[lane].last += 1
        events.append(QueuedEvent(lane: Int32(lane), id: lanes[lane].last, place: place))
        bytes += place.count
        while bytes > limits.bytes { dropOldestWaiting() }
    }

    private mutating func dropOldestWaiting() {
        let victim = events.remove(at: sent)
        bytes -= victim.place.count
        shelf.remove(victim.place)
        dropped += 1
        lanes[Int(victim.lane)].sent = victim.id
        lanes[Int(victim.lane)].dropped = max(lanes[Int(victim.lane)].dropped, victim.id)
        unrecorded.insert(Int(victim.lane))
    }

    /// Forgets events from the front.
    mutating func forget(_ count: Int) {
        for index in 0..<count {
            bytes -= events[index].place.count
            shelf.remove(events[index].place)
        }
        events.removeFirst(count)
        sent -= count
    }
}
