import NIOCore

/// A wait that ends with time, by a call, or when its task is cancelled. On one event loop, one waiter at a time.
final class Pause {
    private let eventLoop: any EventLoop
    /// A promise and no continuation: it is there before anything can end the wait, whatever thread Swift's runtime takes
    /// for the rest.
    private var waiter: EventLoopPromise<Void>?
    /// An end that came while nobody waited: the next wait is over at once.
    private var hasEnded = false

    init(on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func wait(_ time: TimeAmount) async {
        eventLoop.preconditionInEventLoop()
        defer { hasEnded = false }
        if hasEnded { return }
        let promise = eventLoop.makePromise(of: Void.self)
        waiter = promise
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = eventLoop.scheduleTask(in: time) { bound.value.resume() }
        let eventLoop = eventLoop
        await withTaskCancellationHandler {
            // Nothing fails this promise.
            try? await promise.futureResult.get()
        } onCancel: {
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
        waiter?.succeed()
        waiter = nil
    }
}
