import Hummingbird
import Synchronization

/// Places for clients that stay long: there are only so many at once.
final class LimitedPlaces: Sendable {
    private let most: Int
    private let name: String
    private let taken = Atomic(0)

    /// - Parameters:
    ///   - most: How many there are.
    ///   - name: Whose they are, as in `viewers`.
    init(_ most: Int, of name: String) {
        self.most = most
        self.name = name
    }

    /// - Throws: `Problem` where none is free.
    func take() throws -> Place {
        guard taken.add(1, ordering: .relaxed).newValue <= most else {
            taken.subtract(1, ordering: .relaxed)
            throw Problem(
                status: .serviceUnavailable, detail: "\(most) \(name) are there already; try again later.")
        }
        return Place(self)
    }

    /// One place; free again when its client has left, also one whose answer was never written.
    final class Place: Sendable {
        private let places: LimitedPlaces
        private let hasLeft = Atomic(false)

        fileprivate init(_ places: LimitedPlaces) { self.places = places }

        deinit { leave() }

        func leave() {
            guard !hasLeft.exchange(true, ordering: .relaxed) else { return }
            places.taken.subtract(1, ordering: .relaxed)
        }
    }
}
