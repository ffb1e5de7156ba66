#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Comparing and hashing of plain bytes.
package enum Bytes {
    /// Hands out the UTF-8 of a text; unlike `withUTF8` it needs no copy of the text to change.
    @inline(__always)
    static func of<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if let result = text.utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) {
            return result
        }
        var native = text
        return native.withUTF8 { body(UnsafeRawBufferPointer($0)) }
    }

    @inline(__always)
    package static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        guard left.count > 16 else { return shortEqual(leftStart, rightStart, left.count) }
        return memcmp(leftStart, rightStart, left.count) == 0

    }

    /// For up to 16 bytes, which most names and fields have, the call of `memcmp` costs more than its work.
    @inline(__always)
    private static func shortEqual(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
        // Two words that overlap in the middle cover all bytes.
        if count >= 8 { return equal(UInt64.self, left, right, 0) && equal(UInt64.self, left, right, count - 8) }
        if count >= 4 { return equal(UInt32.self, left, right, 0) && equal(UInt32.self, left, right, count - 4) }
        if count >= 2 { return equal(UInt16.self, left, right, 0) && equal(UInt16.self, left, right, count - 2) }
        return count == 0 || equal(UInt8.self, left, right, 0)
    }

    @inline(__always)
    private static func equal<Word: FixedWidthInteger & BitwiseCopyable>(
        _: Word.Type, _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ offset: Int
    ) -> Bool {
        left.loadUnaligned(fromByteOffset: offset, as: Word.self)
            == right.loadUnaligned(fromByteOffset: offset, as: Word.self)
    }

    /// Multiplies to 128 bits and folds them, as in wyhash (https://github.com/wangyi-fudan/wyhash).
    package static func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = (left ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: right ^ 0xD1B5_4A32_D192_ED03)
        return product.high ^ product.low
    }

    /// Goes over the bytes eight at a time; the last word is padded with zeros and the count goes in, too.
    package static func hash(_ bytes: UnsafeRawBufferPointer, into seed: UInt64) -> UInt64 {
        var hash = mix(seed, UInt64(bytes.count))
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = mix(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset += 8
        }
        guard offset < bytes.count else { return hash }
        var word: UInt64 = 0
        while offset < bytes.count {
            word = word << 8 | UInt64(bytes[offset])
            offset += 1
        }
        return mix(hash, word)
    }

    /// FNV-1a with 64 bits; the lane of a partition key is this modulo the number of lanes.
    ///
    /// - SeeAlso: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv
    package static func fnv1a(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }
}
