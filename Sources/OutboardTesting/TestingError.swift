/// Something that tests need could not be had.
public struct TestingError: Error, CustomStringConvertible {
    /// What, why, and how to mend it.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
