/// Bytes inside a chunk, which they keep alive. A value: cheap to copy, safe to send.
@usableFromInline package struct ByteSlice: Sendable {
    private let chunk: ByteChunk
    private let offset: UInt32
    private let length: UInt32

    /// Only `ByteChunk` and `slice` make slices; both prove that the range lies inside the chunk's written part.
    init(chunk: ByteChunk, offset: Int, count: Int) {
        self.chunk = chunk
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.length = UInt32(truncatingIfNeeded: count)
    }

    /// Copies bytes into a chunk of their own.
    package init(copying bytes: UnsafeRawBufferPointer) {
        let chunk = ByteChunk(capacity: max(bytes.count, 1))
        // A new chunk holds what it was made for; the other branch is an empty slice of it.
        self = chunk.append(bytes) ?? ByteSlice(chunk: chunk, offset: 0, count: 0)
    }

    /// Number of bytes.
    package var count: Int { Int(length) }

    /// Hands out the bytes, which stay valid during the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(chunk) {} }
        return try body(UnsafeRawBufferPointer(start: chunk.start + Int(offset), count: count))
    }

    /// A part of this slice; what lies outside is a broken invariant.
    package subscript(range: Range<Int>) -> ByteSlice {
        // Without this check a wrong range would read another event's bytes.
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a part lies inside its slice")
        return ByteSlice(chunk: chunk, offset: Int(offset) + range.lowerBound, count: range.count)
    }
}
