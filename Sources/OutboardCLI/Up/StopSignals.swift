import Dispatch
import Foundation

/// SIGINT, SIGTERM and SIGHUP as something to wait for.
final class StopSignals: Sendable {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]
    private let board = ReadyBoard(waitingFor: ["signal"])
    // Set once, and only cancelled later, which any thread may do.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init() {
        let board = board
        sources = Self.signals.map { number in
            signal(number, SIG_IGN)  // else the default action ends us before the source sees it
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { board.markReady("signal") }
            source.activate()
            return source
        }
    }

    deinit { for source in sources { source.cancel() } }

    /// Returns when one has come, also if that was before, or when the task is cancelled.
    func first() async { await board.complete() }
}
