public import Foundation
import Processes

/// Finds programs for tests.
public enum Executables {
    /// The first executable file of that name in `PATH`.
    public static func path(of name: String) -> String? { ExecutableSearch.inPath(name) }

    /// A product of the package under test, for example `request-counter`: it lies beside the running tests.
    public static func product(_ name: String) -> URL {
        // Under `swift test` the tests run in a helper, whose first argument after `--test-bundle-path` is the bundle.
        let arguments = CommandLine.arguments
        let bundle =
            arguments.firstIndex(of: "--test-bundle-path").flatMap { arguments.dropFirst($0 + 1).first }
            ?? arguments[0]
        return URL(filePath: bundle).deletingLastPathComponent().appending(path: name)
    }
}
