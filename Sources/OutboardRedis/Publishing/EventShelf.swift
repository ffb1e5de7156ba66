import DequeModule
import Outboard

/// Where the bytes of queued events lie: one behind the other in chunks, found by a place.
///
/// A place is three numbers and no reference, so that queueing, sending and forgetting an event count no references;
/// each chunk counts the events in it instead. A chunk goes, or serves again, when it is the oldest and its count is zero.
struct EventShelf {
    struct Place {
        /// The number of the chunk, from the first one that this shelf ever had.
        let chunk: UInt32
        let offset: UInt32
        let count32: UInt32

        var count: Int { Int(count32) }
    }

    private struct Chunk {
        let bytes: ByteChunk
        var events = 0
    }

    private static let chunkBytes = 256 << 10
    private static let mostSpares = 32

    private var chunks = Deque<Chunk>()
    /// The number of `chunks.first`.
    private var first: UInt32 = 0
    /// Empty chunks of the usual size. A record empties dozens at once and the next moment they are needed again; given
    /// back in between, each would come back as pages that the kernel has to clear.
    private var spares: [ByteChunk] = []

    /// Copies bytes, 4 GiB at most.
    mutating func add(_ bytes: UnsafeRawBufferPointer) -> Place {
        if let last = chunks.indices.last, let offset = chunks[last].bytes.place(bytes) {
            return place(last, offset, bytes.count)
        }
        let chunk = newChunk(for: bytes.count)
        guard let offset = chunk.place(bytes) else { preconditionFailure("a new chunk holds what it was made for") }
        chunks.append(Chunk(bytes: chunk))
        return place(chunks.count - 1, offset, bytes.count)
    }

    /// Forgets an event; its place is not used again.
    mutating func remove(_ place: Place) {
        let index = Int(place.chunk &- first)
        chunks[index].events -= 1
        guard index == 0, chunks[0].events == 0 else { return }
        while chunks.count > 1, chunks[0].events == 0 {
            let emptied = chunks.removeFirst().bytes
            first &+= 1
            if spares.count < Self.mostSpares, emptied.capacity == Self.chunkBytes { spares.append(emptied) }
        }
    }

    /// The bytes of an event, valid as long as it is not removed.
    func bytes(of place: Place) -> UnsafeRawBufferPointer {
        chunks[Int(place.chunk &- first)].bytes.bytes(at: Int(place.offset), count: place.count)
    }

    /// The bytes of an event as a value that outlives its removal.
    func slice(of place: Place) -> ByteSlice {
        chunks[Int(place.chunk &- first)].bytes.slice(at: Int(place.offset), count: place.count)
    }

    private mutating func place(_ index: Int, _ offset: Int, _ count: Int) -> Place {
        chunks[index].events += 1
        return Place(
            chunk: first &+ UInt32(truncatingIfNeeded: index), offset: UInt32(truncatingIfNeeded: offset),
            count32: UInt32(truncatingIfNeeded: count))
    }

    private mutating func newChunk(for count: Int) -> ByteChunk {
        // One of which somebody still holds a slice is let go.
        while count <= Self.chunkBytes, var reused = spares.popLast() {
            if ByteChunk.reuse(&reused) { return reused }
        }
        return ByteChunk(capacity: max(Self.chunkBytes, count))
    }
}
