/// A program that could not be started.
package struct SpawnError: Error, CustomStringConvertible {
    package let executable: String
    /// An `errno` value.
    package let reason: Int32

    package var description: String { "cannot start \(executable): \(systemText(reason))" }
}
