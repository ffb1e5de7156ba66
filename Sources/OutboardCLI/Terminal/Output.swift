import Foundation

/// Standard output of a command.
enum Output {
    /// Writes a text as it stands.
    ///
    /// - Returns: Whether somebody still reads; a closed terminal or pipe cannot be told anything.
    @discardableResult
    static func write(_ text: String) -> Bool {
        do {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
            return true
        } catch { return false }
    }

    /// Writes lines.
    @discardableResult
    static func write(lines: [String]) -> Bool {
        lines.isEmpty || write(lines.joined(separator: "\n") + "\n")
    }

    static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether standard output is a terminal whose user wants colours.
    static var isColoured: Bool {
        LineMark.isColourWanted(isTerminal: isTerminal, environment: ProcessInfo.processInfo.environment)
    }
}
