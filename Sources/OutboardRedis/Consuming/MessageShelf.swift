import DequeModule
import Outboard

/// Where messages are copied to: chunks that serve again when nobody needs what lies in them.
///
/// Messages go about as they came, so the chunk that was filled first is nearly always the first to be free. Given back
/// instead, each chunk would come back as pages that the kernel has to clear.
struct MessageShelf {
    private static let chunkBytes = 256 << 10
    /// 16 MiB: what a busy replica keeps between two flushes.
    private static let mostFilled = 64

    private var current = ByteChunk(capacity: chunkBytes)
    /// Oldest first.
    private var filled = Deque<ByteChunk>()

    mutating func copy(_ bytes: UnsafeRawBufferPointer) -> ByteSlice {
        if let slice = current.append(bytes) { return slice }
        guard bytes.count <= Self.chunkBytes else { return ByteSlice(copying: bytes) }
        let next = nextChunk()
        if filled.count < Self.mostFilled { filled.append(current) }
        current = next
        guard let slice = current.append(bytes) else { preconditionFailure("an empty chunk holds what fits into one") }
        return slice
    }

    /// A chunk with nothing in it.
    private mutating func nextChunk() -> ByteChunk {
        guard var oldest = filled.popFirst() else { return ByteChunk(capacity: Self.chunkBytes) }
        if ByteChunk.reuse(&oldest) { return oldest }
        // Something in it is still kept, so what came later is, too.
        filled.prepend(oldest)
        return ByteChunk(capacity: Self.chunkBytes)
    }
}
