import Foundation
import Synchronization

#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#else
    package import Darwin
#endif

/// A running program that cannot outlive us: when this process ends, in whatever way, it is killed with all it started.
///
/// Two threads of its own wait for its output and its end, because both waits block.
package final class LeashedProcess: Sendable {
    private struct State {
        var exit: ProcessExit?
        var waiters: [AsyncStream<ProcessExit>.Continuation] = []
    }

    /// Process id and process group.
    package let pid: pid_t
    private let leash: Int32
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)

    /// Starts a program; its standard input is empty.
    ///
    /// - Parameter onLine: Called for each line of its standard output and error, in order, on a thread of its own; the
    ///   program waits while it works.
    package init(_ command: Command, onLine: @escaping @Sendable (String) -> Void) throws {
        let started = try Spawn.start(command)
        pid = started.pid
        leash = started.leash
        let output = started.output
        let drained = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            Self.readLines(from: output, onLine)
            close(output)
            drained.signal()
        }
        Thread.detachNewThread { self.awaitEnd(drained) }
    }

    /// Sends a signal to the program alone; does nothing once it has ended.
    package func send(_ signal: Int32) {
        // The state's lock is held, so the process id cannot go to another process meanwhile.
        state.withLock { if $0.exit == nil { sendSignal(signal, to: pid) } }
    }

    /// How it ended; nil while it runs.
    package var exitIfEnded: ProcessExit? { state.withLock { $0.exit } }

    /// Waits for its end.
    ///
    /// - Returns: How it ended, or nil if the waiting task was cancelled first; the program then runs on.
    package func exit() async -> ProcessExit? {
        let (stream, continuation) = AsyncStream<ProcessExit>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            if let exit = state.exit {
                continuation.yield(exit)
            } else {
                state.waiters.append(continuation)
            }
        }
        return await stream.first { _ in true }
    }

    /// Ends it at once (SIGKILL) and returns when it has ended; blocks the thread, for microseconds as a rule.
    package func endNow() {
        send(SIGKILL)
        ended.wait()
        ended.signal()
    }

    /// Waits for its end, but not longer than `patience`; nil if it still runs then.
    package func exit(within patience: Duration) async -> ProcessExit? {
        await withTaskGroup(of: ProcessExit?.self) { group in
            group.addTask { await self.exit() }
            group.addTask {
                try? await Task.sleep(for: patience)  // cancelled when the end came first
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func readLines(from file: Int32, _ onLine: (String) -> Void) {
        var splitter = LineSplitter()
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for line in splitter.append(buffer[..<count]) { onLine(line) }
        }
        if let line = splitter.finish() { onLine(line) }
    }

    private func awaitEnd(_ drained: DispatchSemaphore) {
        var end = siginfo_t()
        // Leaves it a zombie, so that its id stays ours until all it started, the companion too, is gone.
        while waitid(P_PID, id_t(pid), &end, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        sendSignal(SIGKILL, to: -pid)
        // A grandchild that left the group may hold the output open; its lines are not waited for.
        _ = drained.wait(timeout: .now() + .seconds(1))
        let waiters = state.withLock { state in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let exit = ProcessExit(status: status)
            state.exit = exit
            defer { state.waiters.removeAll() }
            return state.waiters.map { ($0, exit) }
        }
        close(leash)
        ended.signal()
        for (waiter, exit) in waiters {
            waiter.yield(exit)
            waiter.finish()
        }
    }
}
