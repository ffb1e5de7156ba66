import Foundation

/// Finds programs.
package enum ExecutableSearch {
    /// The first executable file of that name in `PATH`.
    package static func inPath(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .map { "\($0)/\(name)" }
            .first(where: isExecutable)
    }

    /// Whether a file exists that we may run.
    package static func isExecutable(_ path: String) -> Bool { FileManager.default.isExecutableFile(atPath: path) }
}
