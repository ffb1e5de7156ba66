import Foundation
import OutboardTesting
import Processes

/// The program under test: what was typed behind `--`.
struct ConformanceProgram: Sendable {
    let executable: URL
    let arguments: [String]

    /// - Throws: `UpFailure` if there is no such program.
    init(_ words: [String]) throws {
        guard let name = words.first else {
            throw UpFailure(.usage, "no program to try; say: outboard conformance -- PROGRAM ARGUMENTS…")
        }
        guard let path = name.contains("/") ? name : ExecutableSearch.inPath(name),
            ExecutableSearch.isExecutable(path)
        else {
            throw UpFailure(.usage, "\(name): there is no such program; name an executable file, or one in PATH")
        }
        executable = URL(filePath: path)
        arguments = Array(words.dropFirst())
    }

    /// Starts it on a bus.
    func start(on bus: ConformanceBus, _ environment: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess(
            executable, arguments: arguments, environment: bus.environment.merging(environment) { $1 })
    }
}
