import NIOCore
import Outboard
import Testing

@testable import OutboardRedis

@Suite("Outbox")
struct OutboxTests {
    private struct Note: EventPayload, Equatable {
        static let eventType = "test.note"
        var text: String
    }

    /// What goes over the wire, read back.
    private struct Message: Equatable {
        var channel: String
        var payload: String
    }

    private static func outbox(_ change: (inout Outbox.Limits) -> Void = { _ in }) -> Outbox {
        var generator = SystemRandomNumberGenerator()
        var limits = Outbox.Limits()
        change(&limits)
        return Outbox(
            id: PublisherID(name: "test", using: &generator), names: RedisNames(), laneCount: 4, limits: limits)
    }

    private static func accept(_ texts: some Sequence<Int>, key: String? = nil, _ outbox: inout Outbox) throws {
        for text in texts {
            try outbox.accept(Note(text: "n\(text)"), key: key, traceparent: nil, time: .now)
        }
    }

    private static func take(_ outbox: inout Outbox, unanswered: Int = 0) -> Outbox.Frames? {
        outbox.takeFrames(unanswered: unanswered, allocator: ByteBufferAllocator())
    }

    /// Reads commands of three arguments, strictly.
    private static func messages(_ frames: Outbox.Frames?) throws -> [Message] {
        let frames = try #require(frames)
        var reader = CommandReader(bytes: frames.bytes)
        var messages: [Message] = []
        while reader.bytes.readableBytes > 0 {
            #expect(reader.line() == "*3")
            #expect(reader.argument() == "PUBLISH")
            let channel = reader.argument()
            let payload = reader.argument()
            messages.append(Message(channel: try #require(channel), payload: try #require(payload)))
        }
        #expect(frames.messages == messages.count)
        return messages
    }

    private struct CommandReader {
        var bytes: ByteBuffer

        /// Nil unless there is a whole line.
        mutating func line() -> String? {
            guard let end = bytes.readableBytesView.firstIndex(of: UInt8(ascii: "\r")) else { return nil }
            let text = bytes.readString(length: end - bytes.readerIndex)
            return bytes.readString(length: 2) == "\r\n" ? text : nil
        }

        /// Nil unless there is a whole argument, with its length and line ends.
        mutating func argument() -> String? {
            guard let head = line(), head.first == "$", let count = Int(head.dropFirst()),
                let text = bytes.readString(length: count), bytes.readString(length: 2) == "\r\n"
            else { return nil }
            return text
        }
    }

    /// The events of messages, by lane: their numbers and texts.
    private static func events(_ messages: [Message]) throws -> [String: [(id: UInt64, text: String)]] {
        var events: [String: [(id: UInt64, text: String)]] = [:]
        for message in messages {
            var payload = message.payload
            try payload.withUTF8 { bytes in
                var failure: (any Error)?
                EventScanner.scan(UnsafeRawBufferPointer(bytes)) { element in
                    #expect(element.malformed == nil)
                    do {
                        let event = try element.makeEvent(of: Note.self, in: ByteSlice(copying: element.bytes))
                        events[message.channel, default: []].append((event.id, event.data.text))
                    } catch {
                        failure = error
                    }
                }
                if let failure { throw failure }
            }
        }
        return events
    }

    @Test("sends single objects while the window has room, all on one lane")
    func singles() throws {
        var outbox = Self.outbox()
        try Self.accept(0..<300, &outbox)
        let frames = Self.take(&outbox)
        let messages = try Self.messages(frames)
        #expect(messages.count == 300)
        #expect(frames?.runs.map(\.eventsEach) == [1])
        let events = try Self.events(messages)
        #expect(events.count == 1)
        #expect(events.values.first?.map(\.id) == Array(1...300))
        #expect(events.values.first?.map(\.text) == (0..<300).map { "n\($0)" })
        #expect(Self.take(&outbox) == nil)
        try Self.accept(300..<301, &outbox)
        let next = try Self.messages(Self.take(&outbox)).first
        #expect(next?.channel != messages.first?.channel, "the next flush moves on to another lane")
    }

    @Test("sends arrays when more waits than the window has room for, and every event once")
    func arrays() throws {
        var outbox = Self.outbox { ($0.window, $0.batch) = (4, 64) }
        try Self.accept(0..<200, &outbox)
        let frames = Self.take(&outbox)
        let messages = try Self.messages(frames)
        #expect(messages.count == 4)
        #expect(frames?.runs.map { [$0.messages, $0.eventsEach] } == [[3, 64], [1, 8]])
        #expect(try Self.events(messages).values.first?.map(\.text) == (0..<200).map { "n\($0)" })
        #expect(outbox.waiting == 0 && outbox.count == 200)
    }

    @Test("keeps the order of each lane although keys mix them")
    func keyedEvents() throws {
        var outbox = Self.outbox { ($0.window, $0.batch) = (8, 10) }
        for number in 0..<60 { try Self.accept([number], key: "key\(number % 3)", &outbox) }
        let events = try Self.events(try Self.messages(Self.take(&outbox)))
        #expect(events.values.reduce(0) { $0 + $1.count } == 60)
        for lane in events.values { #expect(lane.map(\.id) == Array(1...UInt64(lane.count))) }
    }

    @Test("tells each lane's record once, and again after it has gone on")
    func records() throws {
        var outbox = Self.outbox()
        try Self.accept(0..<5, &outbox)
        _ = Self.take(&outbox)
        try Self.accept(5..<6, &outbox)
        _ = Self.take(&outbox)
        #expect(outbox.takeUnrecorded().map(\.number).sorted() == [1, 5])
        #expect(outbox.takeUnrecorded().isEmpty)
        for _ in 0..<3 {
            try Self.accept(0..<1, &outbox)
            _ = Self.take(&outbox)
        }
        #expect(outbox.takeUnrecorded().count == 3)
    }

    @Test("sends everything that no record counts again, with the same numbers")
    func rewind() throws {
        var outbox = Self.outbox()
        try Self.accept(0..<10, &outbox)
        let first = try Self.messages(Self.take(&outbox))
        outbox.booked(4)
        let record = outbox.rewind()
        #expect(record.map(\.number).max() == 4)
        #expect(try Self.messages(Self.take(&outbox)) == Array(first.dropFirst(4)))
    }

    @Test("drops the oldest waiting event when it is full, which shows as a hole")
    func full() throws {
        var outbox = Self.outbox { $0.bytes = 2_000 }
        try Self.accept(0..<100, &outbox)
        #expect(outbox.dropped > 80 && outbox.count == 100 - Int(outbox.dropped))
        let events = try Self.events(try Self.messages(Self.take(&outbox)))
        #expect(events.values.first?.last?.id == 100)
        #expect(events.values.first?.first?.id == outbox.dropped + 1)
    }

    @Test("numbers everything anew under a new id")
    func reissue() throws {
        var outbox = Self.outbox()
        try Self.accept(0..<10, &outbox)
        _ = Self.take(&outbox)
        outbox.booked(3)
        var generator = SystemRandomNumberGenerator()
        let id = PublisherID(name: "test", using: &generator)
        try outbox.reissue(as: id)
        let messages = try Self.messages(Self.take(&outbox))
        #expect(messages.allSatisfy { $0.payload.contains("\"/\(id.text)/test.note/") })
        let events = try Self.events(messages)
        #expect(events.values.first?.map(\.id) == Array(1...7))
        #expect(events.values.first?.map(\.text) == (3..<10).map { "n\($0)" })
    }
}
