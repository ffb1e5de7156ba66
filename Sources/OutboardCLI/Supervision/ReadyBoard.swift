import Synchronization

/// Who has not yet said that it is ready.
final class ReadyBoard: Sendable {
    private struct State {
        var pending: [String]
        var waiters: [AsyncStream<Void>.Continuation] = []
    }

    private let state: Mutex<State>

    init(waitingFor labels: [String]) {
        state = Mutex(State(pending: labels))
    }

    var pending: [String] { state.withLock { $0.pending } }

    /// Notes that one is ready; a second time changes nothing.
    func markReady(_ label: String) {
        state.withLock { state in
            state.pending.removeAll { $0 == label }
            guard state.pending.isEmpty else { return }
            for waiter in state.waiters { waiter.finish() }
            state.waiters = []
        }
    }

    /// Returns when all are ready, or when the task is cancelled.
    func complete() async {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            if state.pending.isEmpty { continuation.finish() } else { state.waiters.append(continuation) }
        }
        for await _ in stream {}
    }

    /// Whether all are ready before `patience` runs out.
    func isComplete(within patience: Duration) async -> Bool {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.complete() }
            group.addTask {
                try? await Task.sleep(for: patience)  // cancelled when all are ready
            }
            await group.next()
            group.cancelAll()
        }
        return pending.isEmpty
    }
}
