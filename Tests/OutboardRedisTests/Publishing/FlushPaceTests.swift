import NIOCore
import Testing

@testable import OutboardRedis

@Suite("The pace of a publisher's flushes")
struct FlushPaceTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test("the first event, and the first behind a quiet time, goes at once")
    func quiet() {
        var pace = FlushPace()
        #expect(pace.due(now: start) == start)
        pace.flushed(at: start, leaving: 0)
        let later = start + .milliseconds(5)
        #expect(pace.due(now: later) == later)
    }

    @Test("events close behind a flush wait until it is a millisecond old", arguments: [0, 1, 999])
    func busy(microseconds: Int64) {
        var pace = FlushPace()
        pace.flushed(at: start, leaving: 0)
        #expect(pace.due(now: start + .microseconds(microseconds)) == start + .milliseconds(1))
    }

    @Test("what a flush leaves behind follows the answers, until a flush leaves nothing")
    func heldUp() {
        var pace = FlushPace()
        #expect(!pace.isHeldUp)
        pace.flushed(at: start, leaving: 1)
        #expect(pace.isHeldUp)
        pace.flushed(at: start, leaving: 0)
        #expect(!pace.isHeldUp)
    }

    @Test("a lane is kept for ten milliseconds of flushes, and left by the first flush behind them")
    func lane() {
        var pace = FlushPace()
        for milliseconds in [0, 4, 8, 12, 16, 21, 22] {
            let isOver = pace.isLaneOver(now: start + .milliseconds(Int64(milliseconds)))
            #expect(isOver == [12, 22].contains(milliseconds), "at \(milliseconds) ms")
        }
        let (first, second) = (pace.isLaneOver(now: start + .seconds(1)), pace.isLaneOver(now: start + .seconds(1)))
        #expect(first && !second)
    }
}
