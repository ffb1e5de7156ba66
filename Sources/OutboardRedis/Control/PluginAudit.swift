package import Outboard

/// Judges the books of one plugin by the invariant of the protocol, as a value:
/// handled + failed + missed + skipped + baseline = applied, for each source, and for the forgotten ones in sum.
///
/// A record says what was published, so it tells what is in flight; it is no part of the invariant, because it is
/// written behind the events it counts and applied may well be ahead of it.
package struct PluginAudit: Sendable, Equatable {
    /// One row of books: a source, or a sum of them.
    package struct Entry: Sendable, Equatable {
        /// What the publisher's record says; nil where there is none (it is kept for 7 days).
        package var published: Int64?
        package var books: [Book: Int64]

        package init(published: Int64? = nil, books: [Book: Int64] = [:]) {
            self.published = published
            self.books = books
        }

        package subscript(_ book: Book) -> Int64 { books[book] ?? 0 }

        /// The sum of all books but the fence; nil if it does not fit into 64 bits.
        package var accounted: Int64? {
            Book.allCases.filter { $0 != .applied }.reduce(Int64?.some(0)) { sum, book in
                sum.flatMap { exactSum($0, self[book]) }
            }
        }

        package var holds: Bool { accounted == self[.applied] && books.values.allSatisfy { $0 >= 0 } }

        /// Published and not yet dealt with; never negative, see above.
        package var inFlight: Int64 { max(0, (published ?? 0) - self[.applied]) }

        /// What is wrong, in numbers; nil if the entry holds.
        package var imbalance: String? {
            guard !holds else { return nil }
            let parts = Book.allCases.filter { $0 != .applied && books[$0] != nil }
                .map { "\($0.rawValue) \(self[$0])" }
            let sum = accounted.map(String.init) ?? "more than 2^63"
            let left = parts.isEmpty ? "nothing is booked" : parts.joined(separator: " + ") + " = \(sum)"
            return "\(left), but applied is \(books[.applied].map(String.init) ?? "absent")"
        }
    }

    package let plugin: PluginName
    /// Source → its books, also of sources that have a record and no fence yet.
    package let sources: [String: Entry]
    package let forgotten: Entry
    package let rejected: [String: Int64]
    package let damages: [PluginBooks.Damage]

    package init(_ books: PluginBooks) {
        plugin = books.plugin
        rejected = books.rejected
        damages = books.damages
        forgotten = Entry(books: books.forgotten)
        var sources: [String: Entry] = [:]
        for (book, numbers) in books.books {
            for (source, number) in numbers { sources[source, default: Entry()].books[book] = number }
        }
        for (source, number) in books.published where number > 0 || sources[source] != nil {
            sources[source, default: Entry()].published = number
        }
        self.sources = sources
    }

    /// Whether the invariant holds everywhere and every book could be read.
    package var holds: Bool { damages.isEmpty && forgotten.holds && sources.values.allSatisfy(\.holds) }

    /// All sources in sum, without the forgotten ones.
    package var sum: Entry {
        var sum = Entry(published: 0)
        for entry in sources.values {
            for (book, number) in entry.books { sum.books[book] = sum[book].addingWithinBounds(number) }
            sum.published = (sum.published ?? 0).addingWithinBounds(entry.published ?? entry[.applied])
        }
        return sum
    }

    /// Events that are published and not dealt with, over all sources.
    package var inFlight: Int64 { sources.values.reduce(0) { $0.addingWithinBounds($1.inFlight) } }

    /// Sources that do not hold, in order.
    package var wrong: [(source: String, imbalance: String)] {
        sources.keys.sorted().compactMap { source in sources[source]?.imbalance.map { (source, $0) } }
    }
}

private func exactSum(_ one: Int64, _ other: Int64) -> Int64? {
    let (sum, overflow) = one.addingReportingOverflow(other)
    return overflow ? nil : sum
}

extension Int64 {
    /// The sum, or the nearest number there is: a sum of planted numbers must not end the program that reports them.
    fileprivate func addingWithinBounds(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
