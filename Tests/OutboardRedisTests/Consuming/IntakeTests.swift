import Logging
import Outboard
import Testing

@testable import OutboardRedis

/// An intake of one lane, with a manual clock; messages are what a publisher would have sent.
private struct Desk {
    var intake: Intake
    let source = "/p-1/t/0"

    init(delay: Int64 = 0, fence: UInt64? = 0) {
        intake = Intake(plugin: Tally(), lanes: 1, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        intake.hear(0)
        intake.lanes[0].rule.delay = delay
        let index = intake.addSource(publisher: "p-1", lane: 0)
        intake.settle(index, fence: fence)
    }

    mutating func hear(_ ids: ClosedRange<UInt64>) {
        let events = ids.map {
            #"{"specversion":"1.0","source":"\#(source)","id":"\#($0)","type":"t","time":"2026-11-21T10:00:00Z","#
                + #""datacontenttype":"application/json","data":{"number":\#($0)}}"#
        }
        hear(events.count == 1 ? events[0] : "[" + events.joined(separator: ",") + "]")
    }

    mutating func hear(_ text: String) {
        Array(text.utf8).withUnsafeBytes { intake.receive($0, lane: 0) }
    }

    /// The ranges of the batch, as text.
    mutating func sealed() -> [String] {
        let groups = intake.seal()
        for group in groups { intake.applied(group) }
        return groups.flatMap(\.ranges).map { "\($0.from)-\($0.to)" }
    }
}

@Suite("The intake of a replica")
struct IntakeTests {
    @Test("handles at once where it ranks first, and keeps nothing behind the flush")
    func first() {
        var desk = Desk()
        desk.hear(1...1)
        desk.hear(2...9)
        #expect(desk.intake.keptBytes > 0)
        #expect(desk.sealed() == ["1-9"])
        #expect(desk.intake.keptBytes == 0)
        #expect(desk.intake.figures.handled == 9)
    }

    @Test("an event that cannot be used fails alone: the effects of the event before it stay")
    func unusableBehindHandled() {
        var desk = Desk()
        desk.hear(1...2)
        desk.hear(
            #"{"specversion":"1.0","source":"\#(desk.source)","id":"3","type":"t","time":"2026-11-21T10:00:00Z","#
                + #""data":"no object"}"#)
        let groups = desk.intake.seal()
        #expect(groups.map { $0.effects.total("events") } == [2])
        #expect(groups.flatMap(\.ranges).map { [$0.handled, $0.failed] } == [[2, 1]])
    }

    @Test("where it ranks second: keeps, lets go what the fence covers, applies what is due")
    func second() {
        var desk = Desk(delay: 1_500)
        desk.hear(1...4)
        desk.intake.now = 100
        desk.hear(5...5)
        desk.intake.advance()
        #expect(desk.sealed() == [])
        #expect(desk.intake.unsettled == [0])
        desk.intake.settle(0, fence: 4)
        desk.intake.advance()
        desk.intake.now = 1_599
        desk.intake.advance()
        #expect(desk.sealed() == [])
        desk.intake.now = 1_600
        desk.intake.advance()
        #expect(desk.sealed() == ["5-5"])
        #expect(desk.intake.keptBytes == 0)
        #expect(desk.intake.unsettled == [])
    }

    @Test("a message of which the fence covers a part is applied from there on")
    func partlyCovered() {
        var desk = Desk(delay: 1_500)
        desk.hear(1...8)
        desk.intake.settle(0, fence: 5)
        desk.intake.now = 1_500
        desk.intake.advance()
        #expect(desk.sealed() == ["6-8"])
    }

    @Test("takes over at once what came before a death, and waits with what came behind it")
    func takeOver() {
        var desk = Desk(delay: 1_500)
        desk.hear(1...2)
        desk.intake.now = 10
        let isDue = desk.intake.takeOver([0])
        #expect(isDue)
        desk.intake.now = 20
        desk.hear(3...3)
        desk.intake.advance()
        #expect(desk.sealed() == ["1-2"])
    }

    @Test("what is on standby is no hole, though the record shows it and nobody has applied it")
    func standbyIsNoHole() {
        var desk = Desk(delay: 1_500)
        desk.hear(1...3)
        desk.intake.sources[0].recorded = 3
        desk.intake.noteAbsent([3], heardBefore: 0)
        // A loop that stood still comes back late, before it has looked at what is due.
        desk.intake.now = 60_000
        #expect(desk.intake.overdueHoles(patience: 3_000, trustedSince: 0) == [])
        desk.intake.advance()
        #expect(desk.sealed() == ["1-3"])
        #expect(desk.intake.overdueHoles(patience: 3_000, trustedSince: 0) == [])
    }

    @Test("an absence counts only on lanes that were heard before the records were read")
    func absence() {
        var desk = Desk()
        desk.intake.sources[0].recorded = 3
        desk.intake.lanes[0].hearingSince = 100
        desk.intake.noteAbsent([3], heardBefore: 99)
        #expect(desk.intake.overdueHoles(patience: 0, trustedSince: 0) == [])
        desk.intake.now = 200
        desk.intake.noteAbsent([3], heardBefore: 100)
        #expect(desk.intake.overdueHoles(patience: 0, trustedSince: 0).map(\.numbers) == [1...3])
    }

    @Test("a refused group is made again behind the fence that Redis told, with all that came behind it")
    func refused() {
        var desk = Desk()
        desk.hear(1...6)
        let groups = desk.intake.seal()
        desk.hear(7...8)
        desk.intake.refused(groups, fences: [0: 4])
        #expect(desk.sealed() == ["5-8"])
        #expect(desk.intake.keptBytes == 0)
        #expect(desk.intake.figures.received == 8)
    }

    @Test("a lost connection takes nothing for granted: what was not confirmed waits for the fence")
    func suspended() {
        var desk = Desk()
        desk.hear(1...3)
        desk.intake.suspend(desk.intake.seal())
        desk.intake.hear(0)
        desk.hear(4...4)
        #expect(desk.sealed() == [])
        desk.intake.settle(0, fence: 2)
        desk.intake.drain(0)
        #expect(desk.sealed() == ["3-4"])
    }

    @Test("an absurd number waits for its judge, and makes no hole")
    func absurd() {
        var desk = Desk()
        desk.intake.now = 10
        desk.hear(1...1)
        desk.hear(5_000_000...5_000_000)
        #expect(desk.sealed() == ["1-1"])
        desk.intake.now = 60_000
        #expect(desk.intake.overdueHoles(patience: 0, trustedSince: 0) == [])
        desk.intake.judgeSuspects(before: 11)
        #expect(desk.intake.figures.malformed == 1)
        #expect(desk.intake.keptBytes == 0)
        // One that a fresh record explains is an event like any other.
        desk.hear(5_000_000...5_000_000)
        desk.intake.sources[0].recorded = 5_000_000
        desk.intake.judgeSuspects(before: 60_001)
        #expect(desk.intake.figures.malformed == 1)
        #expect(desk.intake.overdueHoles(patience: 0, trustedSince: 0).map(\.numbers) == [2...4_999_999])
    }

    @Test("numbers that come before anything is known of their source are not absurd")
    func unknownSource() {
        var desk = Desk(fence: nil)
        for id in 7_000_001...7_003_000 as ClosedRange<UInt64> { desk.hear(id...id) }
        desk.intake.settle(0, fence: 7_000_000)
        desk.intake.drain(0)
        #expect(desk.sealed() == ["7000001-7003000"])
        #expect(desk.intake.figures.malformed == 0)
    }

    @Test("when there is no room the oldest on standby go, and are counted")
    func room() {
        var desk = Desk(delay: 1_500)
        let filler = String(repeating: "x", count: 900_000)
        for id in 1...80 {
            desk.hear(
                #"{"specversion":"1.0","source":"/p-1/t/0","id":"\#(id)","type":"t","time":"2026-11-21T10:00:00Z","#
                    + #""datacontenttype":"application/json","data":{"number":1,"text":"\#(filler)"}}"#)
        }
        #expect(desk.intake.keptBytes <= Intake.keptBytesLimit)
        #expect(desk.intake.figures.letGo == 6)
        #expect(desk.intake.lanes[0].standby.entries.first?.first == 7)
    }

    @Test("what another program has written stands by, too, element by element")
    func otherForm() {
        var desk = Desk(delay: 1_500)
        let one = #"{"id":"1","source":"/p-1/t/0","type":"t","specversion":"1.0","data":{"number":1}}"#
        let two =
            #"{"id":"2","time":"2026-11-21T10:00:00Z","source":"/p-1/t/0","type":"t","specversion":"1.0","#
            + #""data":{"number":1}}"#
        desk.hear("[\(one), \(two), 7]")
        #expect(desk.intake.figures.malformed == 1)
        desk.intake.settle(0, fence: 1)
        desk.intake.now = 1_500
        desk.intake.advance()
        #expect(desk.sealed() == ["2-2"])
    }

    @Test("a forgotten publisher's events are malformed")
    func retired() {
        var desk = Desk()
        desk.intake.retire(["p-1"])
        desk.hear(1...1)
        #expect(desk.intake.figures.malformed == 1)
        #expect(desk.sealed() == [])
    }

    @Test("groups and calls stay within 200 sources and 2 000 fields")
    func bounds() {
        var intake = Intake(
            plugin: Tally(), lanes: 1, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        intake.hear(0)
        for publisher in 0..<450 {
            intake.settle(intake.addSource(publisher: "p-\(publisher)", lane: 0), fence: 0)
            let text =
                #"{"specversion":"1.0","source":"/p-\#(publisher)/t/0","id":"1","type":"t","#
                + #""time":"2026-11-21T10:00:00Z","datacontenttype":"application/json","data":{"number":1}}"#
            Array(text.utf8).withUnsafeBytes { intake.receive($0, lane: 0) }
        }
        let calls = Batch.calls(intake.seal())
        #expect(calls.map { $0.reduce(0) { $0 + $1.ranges.count } } == [200, 200, 50])
    }

    // MARK: Enabled again

    private func holes(_ desk: Desk, patience: Int64 = 3_000) -> [Intake.Hole] {
        desk.intake.overdueHoles(patience: patience, trustedSince: 0)
    }

    @Test("what passed while the plugin was disabled is skipped at once where it ranks first, later elsewhere")
    func skipped() {
        for (delay, wait) in [(0, 0), (1_500, 1_000)] as [(Int64, Int64)] {
            var desk = Desk(fence: 5)
            desk.intake.resume(from: [desk.source: 5])
            desk.intake.sources[0].recorded = 20
            desk.hear(11...12)
            desk.intake.lanes[0].rule.delay = delay
            if wait > 0 { #expect(holes(desk).isEmpty) }
            desk.intake.now = wait
            #expect(holes(desk) == [Intake.Hole(source: 0, numbers: 6...10, book: .skipped)])
        }
    }

    @Test("once the fence has moved a hole is missed, and waits like one")
    func missedBehindSkipped() {
        var desk = Desk(fence: 5)
        desk.intake.resume(from: [desk.source: 5])
        desk.intake.sources[0].recorded = 20
        desk.hear(6...6)
        #expect(desk.sealed() == ["6-6"])
        desk.hear(9...9)
        #expect(holes(desk).isEmpty)
        desk.intake.now = 3_000
        #expect(holes(desk) == [Intake.Hole(source: 0, numbers: 7...8, book: .missed)])
    }

    @Test("where nothing is heard the record tells what was skipped, a second later; at rest a hole is missed again")
    func skippedByRecord() {
        var desk = Desk(fence: 5)
        desk.intake.resume(from: [desk.source: 5])
        desk.intake.sources[0].recorded = 8
        desk.intake.noteAbsent([8], heardBefore: 0)
        desk.intake.now = 999
        #expect(holes(desk).isEmpty)
        desk.intake.now = 1_000
        let hole = Intake.Hole(source: 0, numbers: 6...8, book: .skipped)
        #expect(holes(desk) == [hole])
        desk.intake.close(hole, fence: 8, isBooked: true)
        #expect(desk.intake.figures.missed == 0)
        desk.intake.noteAbsent([8], heardBefore: 0)
        desk.hear(10...10)
        desk.intake.now = 5_000
        #expect(holes(desk) == [Intake.Hole(source: 0, numbers: 9...9, book: .missed)])
    }

    @Test("a source that began meanwhile has skipped what its record shows; a lane joined later has skipped nothing")
    func beganMeanwhile() {
        var desk = Desk(fence: nil)
        desk.intake.sources[0].recorded = 4
        desk.intake.resume(from: [:])
        desk.intake.settle(0, fence: 0)
        desk.hear(5...5)
        #expect(holes(desk) == [Intake.Hole(source: 0, numbers: 1...4, book: .skipped)])
        desk.intake.hear(0)
        #expect(holes(desk).isEmpty)
        desk.intake.now = 3_000
        #expect(holes(desk) == [Intake.Hole(source: 0, numbers: 1...4, book: .missed)])
    }
}
