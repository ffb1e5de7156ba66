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

    /// Waits on the event loop.
    func wait(_ time: TimeAmount) async {
        let over = over(in: time)
        let (bound, eventLoop) = (NIOLoopBound(self, eventLoop: eventLoop), eventLoop)
        await withTaskCancellationHandler {
            // Nothing fails this future.
            try? await over.get()
        } onCancel: {
            eventLoop.execute { bound.value.resume() }
        }
    }

    /// Begins a wait, on the event loop.
    ///
    /// - Returns: Succeeds when it is over.
    func over(in time: TimeAmount) -> EventLoopFuture<Void> {
        eventLoop.preconditionInEventLoop()
        if hasEnded {
            hasEnded = false
            return eventLoop.makeSucceededVoidFuture()
        }
        let promise = eventLoop.makePromise(of: Void.self)
        waiter = promise
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = eventLoop.scheduleTask(in: time) { bound.value.resume() }
        return promise.futureResult.always { _ in timer.cancel() }
    }

    /// Ends the present wait, or else the next one.
    func end() {
        hasEnded = waiter == nil
        resume()
    }

    private func resume() {
        waiter?.succeed()
        waiter = nil
    }
}
