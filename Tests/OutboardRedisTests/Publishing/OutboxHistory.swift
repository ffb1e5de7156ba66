import NIOCore
import Outboard
import Testing

@testable import OutboardRedis

/// A payload of any size.
struct Parcel: EventPayload {
    static let eventType = "test.parcel"
    var number: Int
    var padding: String
}

/// One random history of an outbox, held against the little that must hold whatever happens: what was given a number was
/// sent or shows as a hole, once.
struct OutboxHistory: ~Copyable {
    /// What a record or an announcement has said of a lane, and how it stood then.
    private struct Said {
        var number: UInt64
        /// Drops of the outbox when the connection's first record said it: without further ones, the next event is the
        /// very next number.
        var droppedAtFirst: UInt64?
    }

    static var limits: Outbox.Limits {
        var limits = Outbox.Limits()
        (limits.bytes, limits.window, limits.batch, limits.messageBytes) = (5_000, 6, 4, 1_200)
        return limits
    }

    private var generator: SeededGenerator
    private var outbox: Outbox
    private let seed: UInt64
    private let allocator = ByteBufferAllocator()

    // What the world outside knows.
    private var numbers = 0
    private var firstSent: [Int: WireEvent] = [:]
    private var payloadOf: [String: Int] = [:]
    /// Highest number that consumers may know: `<publisher>/<lane>` → number.
    private var known: [String: UInt64] = [:]
    private var knownBefore: UInt64 = 0

    // The present connection.
    private var isConnected = false
    private var unanswered = 0
    /// The record under way: one at a time.
    private var pending: Outbox.Record?
    private var said: [String: Said] = [:]
    private var lastSent: [String: UInt64] = [:]

    init(seed: UInt64) {
        self.seed = seed
        self.generator = SeededGenerator(seed: seed)
        self.outbox = Outbox(
            id: PublisherID(name: "model", using: &generator), names: RedisNames(), laneCount: 3, limits: Self.limits)
    }

    /// Goes through `steps` random steps, then drains, and checks the sums.
    mutating func run(steps: Int) throws {
        for _ in 0..<steps {
            switch Int.random(in: 0..<100, using: &generator) {
            case ..<45: try accept()
            case ..<65: try flush()
            case ..<75: if unanswered > 0 { unanswered -= Int.random(in: 1...unanswered, using: &generator) }
            case ..<83: if isConnected { takeRecord() }
            case ..<90: confirm()
            case ..<94: disconnect()
            case ..<99: try connect()
            default: if !isConnected { try reissue() }
            }
            #expect(outbox.bytes <= Self.limits.bytes, "seed \(seed)")
        }
        try drain()
        checkSums()
    }

    // MARK: Steps

    private mutating func accept() throws {
        let key = Bool.random(using: &generator) ? "k\(Int.random(in: 0..<5, using: &generator))" : nil
        // At the upper end the event as a whole is too large for a message.
        let padding = String(repeating: "p", count: Int.random(in: 0...1_000, using: &generator))
        let accepted = outbox.accepted
        do {
            if Int.random(in: 0..<3, using: &generator) == 0 {
                try outbox.accept(Ping(number: numbers), key: key, traceparent: nil, time: .now)
            } else {
                try outbox.accept(
                    Parcel(number: numbers, padding: padding), key: key, traceparent: nil, time: .now)
            }
            #expect(outbox.accepted == accepted + 1)
            numbers += 1
        } catch {
            // A refused event has no number: the sums in the end would show one.
            #expect((error as? EventError)?.code == .tooLarge && padding.count > 700)
            #expect(outbox.accepted == accepted)
        }
    }

    private mutating func connect() throws {
        disconnect()
        let record = outbox.rewind()
        say(record.fields, isFirst: true)
        // Every lane of a type that has numbers is in the first record of a connection.
        #expect(record.fields.count.isMultiple(of: 3))
        if Int.random(in: 0..<4, using: &generator) == 0 { return }
        book(record)
        for first in outbox.firstWaitingOfEachLane() {
            for event in try PublishedWire.events(first.bytes, channel: first.channel) { try note(event) }
        }
        isConnected = true
        if Bool.random(using: &generator) { try accept() }
        takeRecord()
        try flush()
    }

    private mutating func disconnect() {
        isConnected = false
        unanswered = 0
        pending = nil
        said = [:]
        lastSent = [:]
    }

    private mutating func flush() throws {
        guard isConnected else { return }
        say(outbox.takeUnannounced())
        let room = Self.limits.window - unanswered
        guard let frames = outbox.takeFrames(unanswered: unanswered, allocator: allocator) else { return }
        if Bool.random(using: &generator) { outbox.advanceLane() }
        let messages = try PublishedWire.messages(frames)
        let promised = frames.runs.flatMap { Array(repeating: $0.eventsEach, count: $0.messages) }
        #expect(messages.map(\.count) == promised && messages.count == frames.messages, "seed \(seed)")
        #expect(messages.count <= room && messages.allSatisfy { $0.count <= Self.limits.batch }, "seed \(seed)")
        unanswered += messages.count
        for event in messages.joined() {
            try note(event)
            try noteOrder(event)
        }
    }

    private mutating func takeRecord() {
        confirm()
        let record = outbox.takeRecord()
        say(record.fields)
        pending = record
    }

    private mutating func confirm() {
        guard isConnected, let record = pending else { return }
        pending = nil
        book(record)
    }

    private mutating func book(_ record: Outbox.Record) {
        outbox.booked(record)
        for (name, number) in record.fields {
            let source = "\(outbox.id)/\(name)"
            known[source] = max(known[source] ?? 0, number)
        }
    }

    private mutating func reissue() throws {
        try outbox.reissue(as: PublisherID(name: "model", using: &generator))
        knownBefore += known.values.reduce(0, +)
        known = [:]
    }

    private mutating func drain() throws {
        try connect()
        while !isConnected { try connect() }
        while outbox.count > 0 {
            try flush()
            unanswered = 0
            takeRecord()
            confirm()
        }
        takeRecord()
        confirm()
    }

    // MARK: What must hold

    private mutating func say(_ fields: [(name: String, number: UInt64)], isFirst: Bool = false) {
        for (name, number) in fields {
            let before = said[name]?.number ?? 0
            #expect(number >= before, "a record went back, seed \(seed)")
            #expect(number >= lastSent[name] ?? 0, "a record is behind what was sent before it, seed \(seed)")
            said[name] = Said(number: number, droppedAtFirst: isFirst ? outbox.dropped : nil)
        }
    }

    /// An event has one name for all time, and its names under two ids are never both sent.
    private mutating func note(_ event: WireEvent) throws {
        #expect(event.publisher == outbox.id.text, "seed \(seed)")
        #expect(firstSent[event.number, default: event] == event, "an event was sent under two names, seed \(seed)")
        let name = "\(event.publisher)/\(event.lane)/\(event.id)"
        #expect(payloadOf[name, default: event.number] == event.number, "a number was used twice, seed \(seed)")
        firstSent[event.number] = event
        payloadOf[name] = event.number
        let source = "\(event.publisher)/\(event.lane)"
        known[source] = max(known[source] ?? 0, event.id)
    }

    private mutating func noteOrder(_ event: WireEvent) throws {
        let said = try #require(said[event.lane], "a lane without a record was sent on, seed \(seed)")
        if let last = lastSent[event.lane] {
            #expect(event.id > last, "seed \(seed)")
        } else {
            #expect(event.id > said.number, "the record says that this one is gone, seed \(seed)")
            if said.droppedAtFirst == outbox.dropped { #expect(event.id == said.number + 1, "seed \(seed)") }
        }
        lastSent[event.lane] = event.id
    }

    /// At the end every number that was given out is known to consumers: heard, or a hole below what they know.
    private func checkSums() {
        #expect(outbox.accepted == UInt64(numbers), "seed \(seed)")
        #expect(outbox.bytes == 0 && outbox.waiting == 0, "seed \(seed)")
        let last = outbox.lanes.reduce(0) { $0 + $1.last }
        #expect(known.values.reduce(0, +) == last, "a number is given out and nothing shows it, seed \(seed)")
        #expect(knownBefore + last == UInt64(numbers), "numbers of all ids together, seed \(seed)")
        let neverSent = UInt64(numbers - firstSent.count)
        #expect(neverSent <= outbox.dropped, "lost and not counted as dropped, seed \(seed)")
        for (lane, events) in Dictionary(grouping: firstSent.values, by: { $0.publisher + "/" + $0.lane }) {
            let inOrder = events.sorted { $0.id < $1.id }.map(\.number)
            #expect(inOrder == inOrder.sorted(), "order of \(lane), seed \(seed)")
        }
    }
}
