/// A region of memory to which bytes are only ever appended, so that many events share one allocation.
///
/// One owner appends; slices of what it appended go to anybody, on any thread, and keep the chunk alive.
// Proof for @unchecked: a slice covers bytes that were written before it was made and are not written again while it
// lives (`reuse` needs the only reference); whoever gets a slice gets it through something that orders memory, as for
// every Sendable value. `count` is read and written by the owner alone.
package final class ByteChunk: @unchecked Sendable {
    /// Bytes that fit in all.
    package let capacity: Int
    private var count = 0
    let start: UnsafeMutableRawPointer

    /// - Parameter capacity: 1 through `UInt32.max`.
    package init(capacity: Int) {
        // A slice counts in 32 bits.
        precondition(capacity > 0 && capacity <= Int(UInt32.max), "a chunk holds 1 byte to 4 GiB")
        self.capacity = capacity
        self.start = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        start.deallocate()
    }

    /// Copies bytes to the end of the chunk.
    ///
    /// - Returns: Where they lie now; nil if they do not fit, and then nothing has changed.
    package func append(_ bytes: UnsafeRawBufferPointer) -> ByteSlice? {
        place(bytes).map { ByteSlice(chunk: self, offset: $0, count: bytes.count) }
    }

    /// Copies bytes to the end of the chunk, for an owner who keeps the chunk and needs no reference in every event.
    ///
    /// - Returns: The offset at which they lie now; nil if they do not fit, and then nothing has changed.
    package func place(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count <= capacity - count else { return nil }
        let offset = count
        if let source = bytes.baseAddress {
            (start + offset).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
        return offset
    }

    /// The bytes that `place` has put there; valid as long as the chunk is.
    package func bytes(at offset: Int, count: Int) -> UnsafeRawBufferPointer {
        // Without this check a wrong place would read memory that is not ours.
        precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "a place lies inside its chunk")
        return UnsafeRawBufferPointer(start: start + offset, count: count)
    }

    /// The same bytes as a value that keeps the chunk.
    package func slice(at offset: Int, count: Int) -> ByteSlice {
        precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "a place lies inside its chunk")
        return ByteSlice(chunk: self, offset: offset, count: count)
    }

    /// Empties a chunk of which no slice is left, so that its memory serves again.
    ///
    /// - Returns: Whether it did; false while anybody else holds the chunk or a slice of it.
    package static func reuse(_ chunk: inout ByteChunk) -> Bool {
        // The same question that decides whether an Array is written in place, with the same ordering of memory.
        guard isKnownUniquelyReferenced(&chunk) else { return false }
        chunk.count = 0
        return true
    }
}
