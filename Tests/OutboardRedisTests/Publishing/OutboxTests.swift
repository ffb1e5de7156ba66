import NIOCore
import Outboard
import Testing

@testable import OutboardRedis

@Suite("Outbox", .timeLimit(.minutes(2)))
struct OutboxTests {
    @Test("loses nothing silently in any history", arguments: 0..<8)
    func histories(part: UInt64) throws {
        for seed in part * 500..<part * 500 + 500 {
            var history = OutboxHistory(seed: seed)
            try history.run(steps: 120)
        }
    }

    private let allocator = ByteBufferAllocator()

    private func outbox(_ limits: Outbox.Limits = Outbox.Limits(), lanes: Int = 2) -> Outbox {
        var generator = SeededGenerator(seed: 1)
        return Outbox(
            id: PublisherID(name: "test", using: &generator), names: RedisNames(), laneCount: lanes, limits: limits)
    }

    /// Takes what goes out now.
    private func sent(_ outbox: inout Outbox, unanswered: Int = 0) throws -> [[UInt64]] {
        guard let frames = outbox.takeFrames(unanswered: unanswered, allocator: allocator) else { return [] }
        return try PublishedWire.messages(frames).map { $0.map(\.id) }
    }

    private func fill(_ outbox: inout Outbox, _ count: Int, key: String? = "k") throws {
        for number in 0..<count { try outbox.accept(Ping(number: number), key: key, traceparent: nil, time: .now) }
    }

    @Test("numbers data that is JSON already like any payload; what is no type gets no number")
    func json() throws {
        var outbox = outbox()
        let data = try Array(#"{"number":7}"#.utf8).withUnsafeBytes { bytes throws(EventError) in
            try JSONSlice(checking: bytes)
        }
        for _ in 0..<2 { try outbox.accept(data, type: "order.placed", key: "k", traceparent: nil, time: .now) }
        do {
            try outbox.accept(data, type: "NO TYPE", key: nil, traceparent: nil, time: .now)
            Issue.record("what is no type was taken")
        } catch let error as EventError { #expect(error.code == .invalidType) }
        let accepted = outbox.accepted
        #expect(accepted == 2)
        let taken = outbox.takeFrames(unanswered: 0, allocator: allocator)
        let events = try PublishedWire.messages(try #require(taken)).flatMap { $0 }
        #expect(events.map(\.id) == [1, 2])
        #expect(events.map(\.number) == [7, 7])
        #expect(events.allSatisfy { $0.lane.hasPrefix("order.placed/") })
    }

    @Test("knows whether a written record counts an event; one that was dropped, or of another id, never is")
    func recorded() throws {
        var limits = Outbox.Limits()
        limits.bytes = 1_000
        var outbox = outbox(limits)
        let first = try outbox.accept(.empty, type: "a.b", key: "k", traceparent: nil, time: .now)
        #expect(first.id == 1 && EventSource(first.source)?.lane == LaneRule.lane(ofKey: "k", lanes: 2))
        let early = outbox.hasRecorded(first)
        _ = outbox.takeFrames(unanswered: 0, allocator: allocator)
        outbox.booked(outbox.takeRecord())
        let (booked, foreign) = (outbox.hasRecorded(first), outbox.hasRecorded(.init(source: "/other-1/a.b/0", id: 1)))
        let second = try outbox.accept(.empty, type: "a.b", key: "k", traceparent: nil, time: .now)
        while outbox.dropped == 0 { try fill(&outbox, 1) }
        outbox.booked(outbox.takeRecord())
        let dropped = outbox.hasRecorded(second)
        #expect(!early && booked && !foreign && !dropped)
    }

    @Test("shows a drop at a lane's end in the next record, though no event may ever follow")
    func dropAtTheEnd() throws {
        var limits = Outbox.Limits()
        limits.bytes = 1_000
        var outbox = outbox(limits)
        try fill(&outbox, 1, key: "k")
        let lane = LaneRule.lane(ofKey: "k", lanes: 2)
        let other = try #require(["a", "b", "c", "d"].first { LaneRule.lane(ofKey: $0, lanes: 2) != lane })
        // A connection is open, so that nothing but a record can show what goes now.
        outbox.booked(outbox.rewind())
        while outbox.dropped == 0 { try fill(&outbox, 1, key: other) }
        let record = outbox.takeRecord()
        #expect(record.fields.map(\.name) == ["test.ping/\(lane)"])
        #expect(record.fields.map(\.number) == [1])
        #expect(try sent(&outbox).joined().first == 1)
    }

    @Test("drops the new one where everything else is on the wire, and shows that")
    func dropOfTheNewest() throws {
        var limits = Outbox.Limits()
        limits.bytes = 1_000
        var outbox = outbox(limits)
        try fill(&outbox, 3)
        #expect(try sent(&outbox) == [[1], [2], [3]])
        while outbox.dropped == 0 { try fill(&outbox, 1); _ = try sent(&outbox) }
        let last = outbox.accepted
        #expect(outbox.takeRecord().fields.map(\.number) == [last])
        #expect(outbox.count == Int(last) - 1)
    }

    @Test("sends single objects while the window has room for all, then arrays of one lane each")
    func messages() throws {
        var limits = Outbox.Limits()
        (limits.window, limits.batch) = (4, 3)
        var outbox = outbox(limits)
        try fill(&outbox, 4)
        #expect(try sent(&outbox) == [[1], [2], [3], [4]])
        #expect(try sent(&outbox, unanswered: 4) == [])
        try fill(&outbox, 8)
        #expect(try sent(&outbox, unanswered: 2) == [[5, 6, 7], [8, 9, 10]])
        #expect(try sent(&outbox, unanswered: 3) == [[11, 12]])
    }

    @Test("announces every lane of a type once for each connection, before its first event")
    func announcement() throws {
        var outbox = outbox(lanes: 3)
        #expect(outbox.rewind().isEmpty)
        try fill(&outbox, 1)
        let announced = outbox.takeUnannounced()
        #expect(announced.map(\.name) == ["test.ping/0", "test.ping/1", "test.ping/2"])
        #expect(announced.allSatisfy { $0.number == 0 })
        #expect(outbox.takeUnannounced().isEmpty)
        try fill(&outbox, 1)
        #expect(outbox.takeUnannounced().isEmpty)
        #expect(outbox.rewind().fields.map(\.name) == ["test.ping/0", "test.ping/1", "test.ping/2"])
    }

    @Test("gives what waits the numbers of a new id, and never what may have been counted under the old one")
    func reissue() throws {
        var outbox = outbox(lanes: 1)
        try fill(&outbox, 3)
        #expect(try sent(&outbox) == [[1], [2], [3]])
        try fill(&outbox, 2)
        var generator = SeededGenerator(seed: 2)
        try outbox.reissue(as: PublisherID(name: "test", using: &generator))
        #expect(outbox.dropped == 3)
        #expect(outbox.rewind().fields.map(\.number) == [0])
        let frames = outbox.takeFrames(unanswered: 0, allocator: allocator)
        let events = try PublishedWire.messages(#require(frames)).joined()
        #expect(events.map(\.id) == [1, 2])
        #expect(events.allSatisfy { $0.publisher == outbox.id.text })
    }

    @Test("keeps holes that nobody knows of yet as holes under a new id")
    func reissueWithHoles() throws {
        var limits = Outbox.Limits()
        limits.bytes = 600
        var outbox = outbox(limits, lanes: 1)
        try fill(&outbox, 6)
        let dropped = outbox.dropped
        #expect(dropped > 0)
        var generator = SeededGenerator(seed: 2)
        try outbox.reissue(as: PublisherID(name: "test", using: &generator))
        #expect(outbox.rewind().fields.map(\.number) == [dropped])
        #expect(try sent(&outbox).joined().first == dropped + 1)
        #expect(outbox.dropped == dropped)
    }
}
