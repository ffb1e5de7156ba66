import NIOCore
import NIOPosix
import Testing

@testable import RedisClient

@Suite("Tasks on an event loop", .timeLimit(.minutes(1)))
struct EventLoopTaskExecutorTests {
    private let loop = MultiThreadedEventLoopGroup.singleton.next()
    private let other = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    @Test("what belongs to no actor runs on the loop, before and after each wait, children too")
    func staysOnTheLoop() async throws {
        let loop = loop
        let elsewhere = other.next()
        let places = try await withTaskExecutorPreference(EventLoopTaskExecutor(loop)) {
            var places = [loop.inEventLoop]
            try await loop.scheduleTask(in: .milliseconds(1)) {}.futureResult.get()
            places.append(loop.inEventLoop)
            try await elsewhere.submit {}.get()
            places.append(loop.inEventLoop)
            async let child = loop.inEventLoop
            places.append(await child)
            return places
        }
        #expect(places == [true, true, true, true])
        #expect(!loop.inEventLoop)
        try await other.shutdownGracefully()
    }
}
