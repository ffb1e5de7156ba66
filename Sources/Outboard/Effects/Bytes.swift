#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Comparing and hashing of plain bytes.
package enum Bytes {
    package static func equal(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard left.count == right.count else { return false }
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.count) == 0
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
