import Processes
import Synchronization

/// The lines a program wrote, and who waits for one.
final class OutputLines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiters: [(text: String, found: AsyncStream<String>.Continuation)] = []
    }

    private static let limit = 10_000
    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }

    func append(_ line: String) {
        state.withLock { state in
            if state.lines.count == Self.limit { state.lines.removeFirst() }
            state.lines.append(line)
            state.waiters.removeAll { waiter in
                guard line.contains(waiter.text) else { return false }
                waiter.found.yield(line)
                waiter.found.finish()
                return true
            }
        }
    }

    /// The first line that contains the text; nil when `patience` ran out or the program ended without it.
    func first(containing text: String, within patience: Duration, orEndOf process: LeashedProcess) async -> String? {
        let (stream, found) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingOldest(1))
        state.withLock { state in
            if let line = state.lines.first(where: { $0.contains(text) }) {
                found.yield(line)
                found.finish()
            } else {
                state.waiters.append((text, found))
            }
        }
        return await withTaskGroup(of: String?.self) { group in
            group.addTask { await stream.first { _ in true } }
            group.addTask {
                _ = await process.exit(within: patience)
                return self.lines.first { $0.contains(text) }
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }
}
