import Outboard

/// A message as it came, kept until nobody needs it any more: effects that Redis refused are made again from it.
struct KeptMessage {
    let lane: Int
    let bytes: ByteSlice
    /// Milliseconds of the monotonic clock.
    let arrival: Int64
}

/// What is handled and not yet with Redis: groups, each of which Redis takes as a whole or not at all.
struct Batch {
    /// Consecutive events of one source.
    struct Range {
        let source: Int
        let from: UInt64
        var to: UInt64
        var handled: UInt64 = 0
        var failed: UInt64 = 0
    }

    /// Where a source's present range lies.
    struct Place: Equatable {
        let group: Int
        let range: Int
    }

    struct Group {
        var ranges: [Range] = []
        var effects = Effects()
        /// The messages that the ranges came from, in order.
        private(set) var messages: [KeptMessage] = []
        private(set) var keptBytes = 0
        private var lastNumber: UInt64 = 0

        /// Keeps a message, once however many of its events are in this group.
        ///
        /// - Parameter number: Tells one message from the next; never 0.
        /// - Returns: The bytes that are kept more than before.
        mutating func keep(_ message: KeptMessage, number: UInt64) -> Int {
            guard number != lastNumber else { return 0 }
            lastNumber = number
            messages.append(message)
            keptBytes += message.bytes.count
            return message.bytes.count
        }

        /// Takes one event, handled or failed, and keeps its message.
        ///
        /// - Parameter number: That of the message.
        /// - Returns: The bytes that are kept more than before, whether the group has become full, and why the event
        ///   failed, if it did.
        mutating func handle(
            _ element: borrowing ScannedElement, _ bytes: ByteSlice, of message: KeptMessage, number: UInt64,
            range: Int, by handler: any EventHandler, now: Int64
        ) -> (kept: Int, isFull: Bool, error: (any Error)?) {
            let kept = keep(message, number: number)
            ranges[range].to = element.id
            // Before anything can fail: what is undone below reaches back to here.
            effects.begin(time: element.time.microseconds, now: now)
            do {
                if let reason = element.unusable { throw UnusableEvent(reason: "\(reason)") }
                try handler.handle(element, bytes, into: &effects)
                try effects.commit()
                ranges[range].handled += 1
                return (kept, isFull, nil)
            } catch {
                effects.rollback()
                ranges[range].failed += 1
                return (kept, isFull, error)
            }
        }

        /// Whether one call of the script should not take more.
        var isFull: Bool { ranges.count >= Batch.sourceLimit || effects.count >= Batch.fieldLimit }
    }

    /// Bounds of one call of `apply.lua`; docs/protocol.md.
    static let sourceLimit = 200
    static let fieldLimit = 2_000

    /// In the order in which they are sent; ranges of one source are in order.
    var groups: [Group] = []
    /// The group that takes all sources that nobody else is known to touch; nil until one is needed.
    var shared: Int?

    var isEmpty: Bool { groups.isEmpty }

    /// The groups in calls of the script, each within its bounds, unless a single group is larger.
    static func calls(_ groups: [Group]) -> [[Group]] {
        var calls: [[Group]] = []
        var (sources, fields) = (0, 0)
        for group in groups {
            sources += group.ranges.count
            fields += group.effects.count
            if calls.isEmpty || sources > sourceLimit || fields > fieldLimit {
                calls.append([])
                (sources, fields) = (group.ranges.count, group.effects.count)
            }
            calls[calls.count - 1].append(group)
        }
        return calls
    }
}
