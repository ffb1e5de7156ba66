/// A program to run: its file, its arguments, what its environment has beyond or instead of ours.
package struct Command: Sendable, Hashable {
    package var executable: String
    package var arguments: [String]
    package var environment: [String: String]

    package init(_ executable: String, _ arguments: [String] = [], environment: [String: String] = [:]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }
}
