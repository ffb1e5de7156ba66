import OutboardRedis
import Synchronization

/// Paints `outboard top` on a terminal until q or a signal.
struct TopPainter: Sendable {
    let configuration: BusConfiguration
    let pace: Duration

    func run() async {
        let stop = StopSignals()
        let input = TerminalInput()
        let picture = TopPicture()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await stop.first() }
            group.addTask {
                for await event in input.events {
                    switch event {
                    case .key("q"), .key("Q"): return
                    case .key: continue
                    case .resized: guard picture.paint() else { return }
                    }
                }
                // Without keys there is still Ctrl-C.
                await stop.first()
            }
            group.addTask {
                for await look in TopLooks.every(pace, configuration) {
                    guard picture.show(look) else { return }
                }
            }
            await group.next()
            group.cancelAll()
        }
        picture.screen.leave()
    }
}

/// What is on the screen; painted anew by whoever changes it.
private final class TopPicture: Sendable {
    private struct State {
        var now: BusSnapshot?
        var before: BusSnapshot?
        var problem: String?
    }

    let screen = FullScreen()
    private let state = Mutex(State())

    /// - Returns: Whether the terminal is still there.
    func show(_ look: TopLooks.Look) -> Bool {
        state.withLock { state in
            switch look {
            case .seen(let snapshot): (state.before, state.now, state.problem) = (state.now, snapshot, nil)
            case .failed(let problem): state.problem = problem
            }
        }
        return paint()
    }

    /// - Returns: Whether the terminal is still there.
    func paint() -> Bool {
        state.withLock { state in
            let notice = state.problem.map(Printable.line)
            guard let now = state.now else { return screen.paint([notice ?? ""]) }
            return screen.paint(TopScreen(now, before: state.before).lines(in: Terminal.size(), notice: notice))
        }
    }
}
