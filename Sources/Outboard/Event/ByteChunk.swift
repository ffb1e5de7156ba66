/// A region of memory that is only ever appended to, so that slices of it can be shared without copying.
///
/// `@unchecked Sendable`: one owner appends; what lies below `count` never changes, and slices only read there.
package final class ByteChunk: @unchecked Sendable {
    private let base: UnsafeMutableRawPointer
    private let capacity: Int
    private var count = 0

    package init(capacity: Int) {
        self.capacity = capacity
        self.base = .allocate(byteCount: max(1, capacity), alignment: 8)
    }

    deinit {
        base.deallocate()
    }

    /// Copies bytes behind what is there; nil if they do not fit.
    package func append(_ bytes: UnsafeRawBufferPointer) -> ByteSlice? {
        guard bytes.count <= capacity - count else { return nil }
        if let source = bytes.baseAddress { (base + count).copyMemory(from: source, byteCount: bytes.count) }
        defer { count += bytes.count }
        return ByteSlice(chunk: self, offset: count, count: bytes.count)
    }

    fileprivate func bytes(_ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + offset, count: count)
    }
}

/// A part of a chunk; keeps the chunk alive.
package struct ByteSlice: Sendable {
    private let chunk: ByteChunk
    private let offset: Int
    package let count: Int

    fileprivate init(chunk: ByteChunk, offset: Int, count: Int) {
        self.chunk = chunk
        self.offset = offset
        self.count = count
    }

    /// Copies bytes into a chunk of their own.
    package init(copying bytes: UnsafeRawBufferPointer) {
        let chunk = ByteChunk(capacity: bytes.count)
        _ = chunk.append(bytes)
        self.init(chunk: chunk, offset: 0, count: bytes.count)
    }

    /// Lends the bytes for the time of the call.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(chunk) { try body(chunk.bytes(offset, count)) }
    }

    /// A part of this slice; the range lies inside it.
    package subscript(range: Range<Int>) -> ByteSlice {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "a part lies inside its slice")
        return ByteSlice(chunk: chunk, offset: offset + range.lowerBound, count: range.count)
    }
}
