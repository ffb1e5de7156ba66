import NIOCore

/// A wait that ends with time, by a call, or when its task is cancelled. On one event loop, one waiter at a time.
final class Pause {
    private let eventLoop: any EventLoop
    private var waiter: CheckedContinuation<Void, Never>?
    /// An end that came while nobody waited: the next wait is over at once.
    private var hasEnded = false

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func wait(_ time: TimeAmount) async {
        defer { hasEnded = false }
        if hasEnded { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = eventLoop.scheduleTask(in: time) { bound.value.resume() }
        let eventLoop = eventLoop
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter = $0 }
        } onCancel: {
            // Runs on any thread, maybe before the continuation is there; on the loop it comes behind that.
            eventLoop.execute { bound.value.resume() }
        }
        timer.cancel()
    }

    /// Ends the present wait, or else the next one.
    func end() {
        hasEnded = true
        resume()
    }

    private func resume() {
        waiter?.resume()
        waiter = nil
    }
}
