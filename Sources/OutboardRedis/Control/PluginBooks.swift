package import Outboard

/// All books of one plugin as they stood at one moment, and what the publishers' records said right after it.
package struct PluginBooks: Sendable, Equatable {
    /// A key or field that cannot be read as a book, and how to mend it.
    package struct Damage: Sendable, Equatable {
        /// The key, and the field where one field is wrong.
        package let place: String
        package let problem: String
        package let mend: String

        package init(place: String, problem: String, mend: String) {
            self.place = place
            self.problem = problem
            self.mend = mend
        }
    }

    package var plugin: PluginName
    /// Source → number, by book. Damaged fields are left out.
    package var books: [Book: [String: Int64]] = [:]
    /// The books of forgotten publishers in sum.
    package var forgotten: [Book: Int64] = [:]
    /// Source → the last number that its publisher recorded; read after the books, so it is behind them only where a
    /// record is behind its events.
    package var published: [String: Int64] = [:]
    /// Key → events whose effect on that key could not be applied.
    package var rejected: [String: Int64] = [:]
    package var damages: [Damage] = []

    package init(plugin: PluginName) {
        self.plugin = plugin
    }

    /// Whether nothing was ever booked.
    package var isEmpty: Bool { books.values.allSatisfy(\.isEmpty) && forgotten.isEmpty && damages.isEmpty }
}
