/// The name of one numbering authority: `<name>-<16 random hex digits>`, unique for all time.
package struct PublisherID: Sendable, Hashable, CustomStringConvertible {
    package let text: String
    /// What people call the process, for example `core`.
    package let name: String

    /// Draws a new id. `name` is `[a-z0-9-]{1,47}`, which the configuration has checked.
    package init(name: String, using generator: inout some RandomNumberGenerator) {
        let digits = String(generator.next() as UInt64, radix: 16)
        self.name = name
        self.text = name + "-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    package var description: String { text }
}
