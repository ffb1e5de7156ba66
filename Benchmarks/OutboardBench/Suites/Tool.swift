import Foundation
import OutboardTesting

/// Programs of others that measure or make load.
enum Tool {
    /// Runs a program to its end and returns what it wrote.
    static func run(_ name: String, _ arguments: [String]) async throws -> [String] {
        guard let path = Executables.path(of: name) else {
            throw BenchError("\(name) is not in PATH; install it (Debian and Ubuntu: apt-get install \(package(name)))")
        }
        let child = try ChildProcess(URL(filePath: path), arguments: arguments)
        let code = try await child.waitForExit(within: .seconds(180))
        guard code == 0 else { throw BenchError("\(name) ended with code \(code): \(child.lines.suffix(3))") }
        return child.lines
    }

    private static func package(_ name: String) -> String { name == "redis-benchmark" ? "redis-tools" : name }
}
