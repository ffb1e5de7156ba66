import Foundation

/// A terminal of which a command paints every line: another screen, no cursor, keys without echo. `leave` restores it.
final class FullScreen: Sendable {
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let exit = "\u{1B}[?25h\u{1B}[?1049l"

    /// Nil where standard input is no terminal; then there are no keys to hear.
    private let saved: termios?

    init() {
        var attributes = termios()
        if tcgetattr(STDIN_FILENO, &attributes) == 0 {
            saved = attributes
            attributes.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &attributes)
        } else {
            saved = nil
        }
        // Ctrl-Z would leave this screen to the shell.
        signal(SIGTSTP, SIG_IGN)
        Output.write(Self.enter)
    }

    /// Writes all lines over what was there.
    ///
    /// - Returns: Whether the terminal is still there.
    func paint(_ lines: [String]) -> Bool {
        Output.write("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
    }

    func leave() {
        Output.write(Self.exit)
        signal(SIGTSTP, SIG_DFL)
        if var saved { tcsetattr(STDIN_FILENO, TCSANOW, &saved) }
    }
}
