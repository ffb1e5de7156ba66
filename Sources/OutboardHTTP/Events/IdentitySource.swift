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

    private static func hex(_ words: UInt64...) -> String {
        String(unsafeUninitializedCapacity: words.count * 16) { buffer in
            var index = 0
            for word in words {
                for shift in stride(from: 60, through: 0, by: -4) {
                    let digit = UInt8(truncatingIfNeeded: (word >> UInt64(shift)) & 15)
                    buffer[index] = digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a")
                    index += 1
                }
            }
            return index
        }
    }
}
