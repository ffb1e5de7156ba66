import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import OutboardRedis

/// Waits on an event loop of its own, as a replica does.
private actor Waiter {
    private let eventLoop: any EventLoop
    private let pause: Pause
    nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.pause = Pause(on: eventLoop)
    }

    func wait(_ time: TimeAmount, times: Int) async -> Int {
        for _ in 0..<times { await pause.wait(time) }
        return times
    }

    func end() {
        pause.end()
    }
}

@Suite("A pause", .timeLimit(.minutes(1)))
struct PauseTests {
    private let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()

    @Test("ends in time also while every thread of Swift's pool is busy")
    func busyPool() async {
        let waiter = Waiter(on: loop)
        let count = await withTaskGroup(of: Int.self) { group in
            group.addTask { await waiter.wait(.milliseconds(1), times: 300) }
            for _ in 0..<max(8, 2 * ProcessInfo.processInfo.activeProcessorCount) {
                group.addTask {
                    // Blocks its thread on purpose, as a handler that computes for long would.
                    for _ in 0..<50 {
                        let end = ContinuousClock.now + .milliseconds(20)
                        while ContinuousClock.now < end {}
                        await Task.yield()
                    }
                    return 0
                }
            }
            return await group.reduce(0, +)
        }
        #expect(count == 300)
    }

    @Test("ends at once by a word, also by one that came before")
    func ended() async {
        let waiter = Waiter(on: loop)
        await waiter.end()
        #expect(await waiter.wait(.hours(1), times: 1) == 1)
        async let waited = waiter.wait(.hours(1), times: 1)
        await waiter.end()
        #expect(await waited == 1)
    }

    @Test("a word ends one wait, and leaves the next one whole")
    func endsOne() async throws {
        let pause = NIOLoopBoundBox.makeBoxSendingValue(Pause(on: loop), eventLoop: loop)
        // On the loop: how long this task waits for its turn must count for nothing.
        let (first, start, second) = try await loop.submit {
            let first = pause.value.over(in: .hours(1))
            pause.value.end()
            return (first, ContinuousClock.now, pause.value.over(in: .milliseconds(20)))
        }.get()
        try await first.get()
        try await second.get()
        #expect(ContinuousClock.now - start >= .milliseconds(10))
    }

    @Test("ends with its task")
    func cancelled() async {
        let waiter = Waiter(on: loop)
        let task = Task { await waiter.wait(.hours(1), times: 1) }
        task.cancel()
        #expect(await task.value == 1)
    }
}
