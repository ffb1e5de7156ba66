import Testing

@testable import Outboard

@Suite("The cursor of a source")
struct SourceCursorTests {
    @Test("handles what is next, holds what is early, drops what is late")
    func arrivals() {
        var cursor = SourceCursor<Int>(next: 5)
        #expect(cursor.receive(4) == .duplicate)
        #expect(cursor.receive(5) == .handle)
        #expect(cursor.receive(5) == .duplicate)
        #expect(cursor.receive(7) == .hold)
        cursor.hold(7, 7, arrival: 0)
        #expect(cursor.takeContiguous().isEmpty)
        #expect(cursor.receive(6) == .handle)
        #expect(cursor.takeContiguous().map(\.id) == [7])
        #expect(cursor.next == 8)
    }

    @Test("holds everything while the fence is not known")
    func unknownFence() {
        var cursor = SourceCursor<Int>()
        #expect(cursor.receive(1) == .hold)
        cursor.hold(1, 1, arrival: 0)
        #expect(cursor.overdueHole(now: 100_000, patience: 0, floor: 0) == nil)
        cursor.settle(fence: 0)
        #expect(cursor.takeContiguous().map(\.id) == [1])
    }

    @Test("lets a hole grow old from the first event behind it, or from the end of an absence")
    func age() {
        var cursor = SourceCursor<Int>(next: 1)
        cursor.hold(4, 4, arrival: 1_000)
        cursor.hold(9, 9, arrival: 3_500)
        #expect(cursor.overdueHole(now: 3_999, patience: 3_000, floor: 0) == nil)
        #expect(cursor.overdueHole(now: 4_000, patience: 3_000, floor: 0) == 1...3)
        #expect(cursor.overdueHole(now: 4_000, patience: 3_000, floor: 1_500) == nil)
        cursor.settle(fence: 3)
        #expect(cursor.takeContiguous().map(\.id) == [4])
        // The second hole has aged beside the first.
        #expect(cursor.overdueHole(now: 6_499, patience: 3_000, floor: 0) == nil)
        #expect(cursor.overdueHole(now: 6_500, patience: 3_000, floor: 0) == 5...8)
    }

    @Test("sees an absent end by the record, and forgets it when the fence passes")
    func absentEnd() {
        var cursor = SourceCursor<Int>(next: 3)
        cursor.record(5, now: 100)
        cursor.record(7, now: 900)
        #expect(cursor.isBehindRecord)
        #expect(cursor.overdueHole(now: 3_099, patience: 3_000, floor: 0) == nil)
        // What the record counted later has not been absent for as long; its wait begins when this is booked.
        #expect(cursor.overdueHole(now: 3_100, patience: 3_000, floor: 0) == 3...5)
        cursor.settle(fence: 5)
        cursor.record(7, now: 3_200)
        #expect(cursor.overdueHole(now: 6_199, patience: 3_000, floor: 0) == nil)
        #expect(cursor.overdueHole(now: 6_200, patience: 3_000, floor: 0) == 6...7)
        cursor.settle(fence: 7)
        #expect(!cursor.isBehindRecord)
        cursor.record(7, now: 4_000)
        #expect(!cursor.isBehindRecord)
    }

    @Test("lets go of absurd numbers when they are judged, and of nothing else")
    func absurdNumbers() {
        var cursor = SourceCursor<UInt64>(next: 1)
        for id in [UInt64(3), 5, 1 << 40, 1 << 50] { cursor.hold(id, id, arrival: id == 1 << 50 ? 20 : 10) }
        #expect(cursor.dropHeld(above: 1 << 20, before: 15) == [1 << 40])
        #expect(cursor.dropHeld(above: 1 << 20, before: 25) == [1 << 50])
        #expect(cursor.heldCount == 2)
    }

    @Test("agrees with a plain set of numbers in random histories", arguments: UInt64(0)..<2_000)
    func randomHistories(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var cursor = SourceCursor<UInt64>(next: 1)
        var (next, held): (UInt64, Set<UInt64>) = (1, [])
        for now in 0..<60 {
            let id = UInt64.random(in: 1...30, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                // A fence of another replica, or one that is back where it was.
                let fence = UInt64.random(in: 0...30, using: &generator)
                let covered = cursor.settle(fence: fence)
                #expect(Set(covered) == held.filter { $0 <= fence })
                next = fence + 1
                held = held.filter { $0 > fence }
            case 1:
                // What came at this very moment is judged the next time.
                let dropped = cursor.dropHeld(above: id, before: Int64(now))
                #expect(Set(dropped) == held.filter { $0 > id })
                held = held.filter { $0 <= id }
            default:
                switch cursor.receive(id) {
                case .duplicate: #expect(id < next)
                case .handle:
                    #expect(id == next)
                    next += 1
                case .hold:
                    #expect(id > next || held.contains(id) || held.contains { $0 <= id })
                    #expect(cursor.isHeld(id) == held.contains(id))
                    cursor.hold(id, id, arrival: Int64(now))
                    if id >= next { held.insert(id) }
                }
            }
            for (taken, _) in cursor.takeContiguous() {
                #expect(taken == next && held.remove(taken) != nil)
                next += 1
            }
            #expect(cursor.next == next)
            #expect(cursor.heldCount == held.count)
            #expect(cursor.firstHeld == held.min())
            let hole = cursor.overdueHole(now: 1_000, patience: 0, floor: 0)
            #expect(hole == held.min().map { next...$0 - 1 })
        }
    }
}
