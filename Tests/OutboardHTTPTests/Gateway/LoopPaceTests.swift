import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import OutboardHTTP

@Suite("LoopPace", .timeLimit(.minutes(1)))
struct LoopPaceTests {
    @Test("keeps whoever hands over near a loop that is slower", arguments: [1, 1 << 10, 64 << 10, 3 << 20])
    func slowLoop(bytes: Int) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let taken = Mutex(0)
        var pace = LoopPace([loop])
        var (handedOver, lead) = (0, 0)
        for _ in 0..<2_000 {
            try await pace.keep()
            pace.handOver(bytes)
            handedOver += 1
            loop.execute {
                let end = ContinuousClock.now + .microseconds(50)
                while .now < end {}
                taken.withLock { $0 += 1 }
            }
            lead = max(lead, handedOver - taken.withLock { $0 })
        }
        let most = LoopPace.lead / max(bytes, LoopPace.leastPart)
        #expect(lead <= max(most, 1))
        try await group.shutdownGracefully()
    }
}
