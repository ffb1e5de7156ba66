/// Which event one is: its source and its number there.
package struct EventNumber: Sendable, Equatable {
    package let source: String
    package let id: UInt64

    package init(source: String, id: UInt64) {
        self.source = source
        self.id = id
    }
}
