import Synchronization

/// Makes ids that are unique and evenly spread, without a call of the kernel each.
///
/// A counter goes through a mixing function that maps each number to another one (SplitMix64), under two keys drawn at
/// random when the process starts: within a process ids never repeat, between processes they meet by chance only. They
/// are names, not secrets: who knows enough of them could compute the next.
final class IdentitySource: Sendable {
    private let counter = Atomic<UInt64>(0)
    private let keys: (UInt64, UInt64)

    init(using generator: inout some RandomNumberGenerator) {
        self.keys = (generator.next(), generator.next())
    }

    /// The source of this process.
    static let process: IdentitySource = {
        var generator = SystemRandomNumberGenerator()
        return IdentitySource(using: &generator)
    }()

    /// 32 hex digits, not all zero.
    func hex32() -> String {
        let number = next()
        return Self.hex(Self.mix(number &+ keys.0), Self.mix(number ^ keys.1))
    }

    /// 16 hex digits, not all zero.
    func hex16() -> String {
        // One number in 2^64 is mixed to zero, which W3C forbids.
        Self.hex(max(1, Self.mix(next() &+ keys.0)))
    }

    private func next() -> UInt64 {
        counter.wrappingAdd(1, ordering: .relaxed).newValue
    }

    private static func mix(_ number: UInt64) -> UInt64 {
        var z = number &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Sixteen hex digits a word.
    static func hex(_ words: UInt64...) -> String {
        String(unsafeUninitializedCapacity: words.count * 16) { buffer in
            let output = UnsafeMutableRawBufferPointer(buffer)
            for (index, word) in words.enumerated() {
                let (high, low) = (UInt32(truncatingIfNeeded: word >> 32), UInt32(truncatingIfNeeded: word))
                output.storeBytes(of: digits(high).bigEndian, toByteOffset: index * 16, as: UInt64.self)
                output.storeBytes(of: digits(low).bigEndian, toByteOffset: index * 16 + 8, as: UInt64.self)
            }
            return words.count * 16
        }
    }

    /// The eight hex digits of a number as ASCII, the first in the highest byte; all of them at once.
    private static func digits(_ number: UInt32) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        // Four bits to a byte: halves move apart, then quarters, then eighths.
        var digits = UInt64(number)
        digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits | digits << 4) & 0x0F0F_0F0F_0F0F_0F0F
        // 1 for each digit above 9, which become letters.
        let letters = (digits &+ ones &* 6) >> 4 & ones
        return digits &+ ones &* 0x30 &+ letters &* 0x27
    }
}
