public import Foundation
import Processes
import Synchronization

/// A program that a test runs, with the lines it wrote.
///
/// It is killed when the test process ends, in whatever way.
public final class ChildProcess: Sendable {
    private let process: LeashedProcess
    private let output: OutputLines

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: For example `Executables.product("request-counter")`.
    ///   - environment: What differs from the test's own.
    /// - Throws: If the program cannot be run.
    public init(_ executable: URL, arguments: [String] = [], environment: [String: String] = [:]) throws {
        let output = OutputLines()
        self.output = output
        self.process = try LeashedProcess(
            Command(executable.path, arguments, environment: environment)
        ) { output.append($0) }
    }

    /// Its process id.
    public var pid: Int32 { process.pid }

    /// What it wrote to standard output and error so far, the last 10 000 lines.
    public var lines: [String] { output.lines }

    /// Its exit code once it has ended, 128 + signal if by a signal; nil while it runs.
    public var exitCode: Int32? { process.exitIfEnded.map(Self.code) }

    /// Waits for the first line that contains a text, also among those already written.
    ///
    /// - Throws: `TestingError` with the last lines if none came in time or the program ended.
    @discardableResult
    public func waitForLine(containing text: String, within patience: Duration = .seconds(30)) async throws -> String {
        if let line = await output.first(containing: text, within: patience, orEndOf: process) { return line }
        let state = exitCode.map { "ended with code \($0)" } ?? "has not in \(patience)"
        throw TestingError("'\(text)' was never written; the program \(state); last lines:\n\(tail)")
    }

    /// Asks it to stop (SIGTERM).
    public func terminate() { process.send(SIGTERM) }

    /// Interrupts it as Ctrl-C does (SIGINT).
    public func interrupt() { process.send(SIGINT) }

    /// Ends it at once (SIGKILL).
    public func kill() { process.send(SIGKILL) }

    /// Waits for its end.
    ///
    /// - Returns: Its exit code, 128 + signal if a signal ended it.
    /// - Throws: `TestingError` if it still runs after `patience`; it is then killed.
    @discardableResult
    public func waitForExit(within patience: Duration = .seconds(15)) async throws -> Int32 {
        guard let exit = await process.exit(within: patience) else {
            kill()
            throw TestingError("process \(pid) still ran after \(patience); last lines:\n\(tail)")
        }
        return Self.code(exit)
    }

    deinit { process.send(SIGKILL) }

    private var tail: String { lines.suffix(20).joined(separator: "\n") }

    private static func code(_ exit: ProcessExit) -> Int32 {
        switch exit {
        case .code(let code): code
        case .signal(let signal): 128 + signal
        }
    }
}
