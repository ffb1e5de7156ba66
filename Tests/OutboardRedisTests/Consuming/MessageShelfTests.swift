import Outboard
import Testing

@testable import OutboardRedis

@Suite("The shelf on which a replica keeps messages")
struct MessageShelfTests {
    /// Nearly a quarter of a chunk.
    private static let size = 60_000

    private static func copy(_ byte: UInt8, _ count: Int = size, to shelf: inout MessageShelf) -> ByteSlice {
        [UInt8](repeating: byte, count: count).withUnsafeBytes { shelf.copy($0) }
    }

    private static func holds(_ slice: ByteSlice, _ byte: UInt8, _ count: Int = size) -> Bool {
        slice.withBytes { $0.count == count && $0.allSatisfy { $0 == byte } }
    }

    @Test("memory serves again only when nobody keeps anything of it")
    func reuse() {
        var shelf = MessageShelf()
        var kept = [Self.copy(1, to: &shelf)]
        for round in 0..<200 as Range<UInt8> {
            let slice = Self.copy(round, to: &shelf)
            #expect(Self.holds(slice, round))
            // Some are kept for long, so that free chunks and kept ones take turns.
            if round.isMultiple(of: 7) { kept.append(slice) }
            if kept.count > 5 { kept.remove(at: 1) }
        }
        #expect(Self.holds(kept[0], 1))
    }

    @Test("what is larger than a chunk has memory of its own")
    func large() {
        var shelf = MessageShelf()
        let small = Self.copy(1, to: &shelf)
        let large = Self.copy(2, 1 << 20, to: &shelf)
        let next = Self.copy(3, to: &shelf)
        #expect(Self.holds(small, 1) && Self.holds(large, 2, 1 << 20) && Self.holds(next, 3))
    }
}
