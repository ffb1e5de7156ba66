import Outboard
import Testing

@testable import OutboardRedis

@Suite("Event shelf")
struct EventShelfTests {
    private static func bytes(_ number: Int, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
    }

    @Test("gives back what was put there, whatever was removed before", arguments: [1, 7, 300])
    func steadyState(alive: Int) {
        var shelf = EventShelf()
        var places: [(number: Int, place: EventShelf.Place)] = []
        // Some forty chunks go by, most of them memory that serves again.
        for number in 0..<10_000 {
            let bytes = Self.bytes(number, count: 1_000 + number % 50)
            places.append((number, bytes.withUnsafeBytes { shelf.add($0) }))
            if places.count > alive { shelf.remove(places.removeFirst().place) }
            guard number.isMultiple(of: 97) else { continue }
            for (number, place) in places {
                #expect(Array(shelf.bytes(of: place)) == Self.bytes(number, count: 1_000 + number % 50))
            }
        }
    }

    @Test("keeps the bytes of a slice although their event is removed")
    func sliceOutlivesItsEvent() {
        var shelf = EventShelf()
        let first = Self.bytes(1, count: 200_000).withUnsafeBytes { shelf.add($0) }
        let slice = shelf.slice(of: first)
        shelf.remove(first)
        for number in 2..<20 {
            let place = Self.bytes(number, count: 200_000).withUnsafeBytes { shelf.add($0) }
            shelf.remove(place)
        }
        #expect(slice.withBytes { Array($0) } == Self.bytes(1, count: 200_000))
    }

    @Test("takes what is larger than a chunk, and nothing at all")
    func sizes() {
        var shelf = EventShelf()
        let sizes = [0, 1, 256 << 10, 256 << 10 + 1, 1 << 20, 0]
        let places = sizes.map { size in Self.bytes(size, count: size).withUnsafeBytes { shelf.add($0) } }
        for (size, place) in zip(sizes, places) {
            #expect(Array(shelf.bytes(of: place)) == Self.bytes(size, count: size))
        }
        for place in places.reversed() { shelf.remove(place) }
    }
}
