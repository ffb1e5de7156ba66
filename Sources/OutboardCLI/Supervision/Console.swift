import Foundation
import Synchronization

/// Where lines of several writers meet: each is written whole.
struct Console: Sendable {
    private static let gate = Mutex(())
    private let mark: LineMark

    init() {
        mark = LineMark(
            width: 0,
            isColoured: LineMark.isColourWanted(
                isTerminal: isatty(STDOUT_FILENO) == 1, environment: ProcessInfo.processInfo.environment))
    }

    private init(mark: LineMark) {
        self.mark = mark
    }

    /// The same with room for the labels of some children.
    func widened(for children: [Child]) -> Console {
        let width = children.map(\.label.count).max() ?? 0
        return Console(mark: LineMark(width: max(width, mark.width), isColoured: mark.isColoured))
    }

    /// Writes a child's line.
    func write(_ line: String, from label: String, place: Int) {
        put(mark.marked(line, label: label, place: place), to: .standardOutput)
    }

    /// Writes a line of our own.
    func say(_ text: String) { put("outboard: \(text)", to: .standardOutput) }

    /// Writes why we end.
    func fail(_ text: String) { put("outboard: \(text)", to: .standardError) }

    /// Writes what a person may want to know beside the output.
    func note(_ text: String) { put("outboard: \(text)", to: .standardError) }

    private func put(_ text: String, to file: FileHandle) {
        // A closed terminal cannot be told anything.
        Self.gate.withLock { _ in try? file.write(contentsOf: Data((text + "\n").utf8)) }
    }
}
