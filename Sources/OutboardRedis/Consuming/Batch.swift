import Outboard

/// What one flush applies: groups of which Redis takes each as a whole or not at all.
struct Batch {
    /// Consecutive events of one source.
    struct Range {
        let source: Int
        let from: UInt64
        var to: UInt64
        var handled: UInt64 = 0
        var failed: UInt64 = 0
    }

    /// An event as it came, kept until Redis has its effects: a group that is refused is made again from these.
    struct Retained {
        let source: Int
        let id: UInt64
        let bytes: ByteSlice
    }

    struct Group {
        var ranges: [Range] = []
        var effects = Effects()
        var retained: [Retained] = []

        var isEmpty: Bool { ranges.isEmpty }
    }

    /// All sources that nobody else is known to touch.
    var shared = Group()
    /// Sources of which a group was refused before: each by itself, so that it holds up no other.
    var single: [Int: Group] = [:]

    /// The groups in the order in which they are sent.
    var groups: [Group] {
        (shared.isEmpty ? [] : [shared]) + single.keys.sorted().compactMap { single[$0] }
    }

    var isEmpty: Bool { shared.isEmpty && single.isEmpty }

    /// Whether one call of the script should not take more; docs/protocol.md: 200 sources, 2 000 fields.
    var isFull: Bool {
        shared.ranges.count + single.count >= 200
            || shared.effects.count + single.values.reduce(0) { $0 + $1.effects.count } >= 2_000
    }
}
