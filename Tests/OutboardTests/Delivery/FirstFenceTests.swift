import Testing

@testable import Outboard

@Suite("The first fence of a source")
struct FirstFenceTests {
    @Test("a publisher that came after the plugin's beginning begins at 1")
    func later() {
        #expect(FirstFence(firstHeld: 7, started: 11, since: 10).baseline == 0)
        #expect(FirstFence(recorded: 7, started: 11, since: 10).baseline == 0)
        // Nothing was published: nothing to say.
        #expect(FirstFence(recorded: 0, started: 11, since: 10).baseline == nil)
    }

    @Test("of an older one what lies before the first event heard is the baseline")
    func older() {
        #expect(FirstFence(firstHeld: 7, recorded: 9, started: 10, since: 10).baseline == 6)
    }

    @Test("a newcomer leaves that decision to those who may have heard an earlier event")
    func newcomer() {
        var fence = FirstFence(firstHeld: 7, recorded: 9, started: 5, since: 10, hearingFor: 999, isShared: true)
        #expect(fence.baseline == nil)
        fence.hearingFor = 1_000
        #expect(fence.baseline == 6)
    }

    @Test("where nothing is heard for 3 s behind a proof the record is the baseline, decided by who ranks first")
    func record() {
        // A later record is not proven yet.
        var fence = FirstFence(recorded: 12, started: 5, since: 10, proven: 9, provenFor: 2_999, hearingFor: 9_000)
        #expect(fence.baseline == nil)
        fence.provenFor = 3_000
        #expect(fence.baseline == 9)
        fence.isFirst = false
        #expect(fence.baseline == nil)
    }

    @Test("without a record 3 s are waited for one")
    func noRecord() {
        var fence = FirstFence(firstHeld: 4, since: 10, hearingFor: 9_000, knownFor: 2_999)
        #expect(fence.baseline == nil)
        fence.knownFor = 3_000
        #expect(fence.baseline == 3)
    }
}
