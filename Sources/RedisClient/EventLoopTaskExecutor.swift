package import NIOCore

/// Runs the parts of a task that belong to no actor on an event loop, so that waiting for one of the loop's futures wakes
/// no other thread.
///
/// Without it each such wait goes to a thread of Swift's pool and back: four context switches for a reply of ten bytes.
/// Swift describes task executors in SE-0417.
package final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    package init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
