/// Where one replica stands in one source, as a value: what may be handled next, what waits behind a hole, and since
/// when.
///
/// ```text
///        fence in Redis        next
///              │                 │         hole        held
///   ───────────┼─────────────────┼───────────────────┬──┬──┬────▶ numbers
///     applied  │ batched, in flight                  │17│18│
/// ```
///
/// Events before `next` are dealt with or on their way to Redis. The event `next` is handled when it comes. Later ones
/// are held, undecoded, until the hole before them closes or is declared missed. The cursor reads no clock and does no
/// I/O: every time is a number of milliseconds that the caller passes.
package struct SourceCursor<Held> {
    /// What to do with an event that has just come.
    package enum Arrival: Equatable {
        /// It is the next one: handle it now.
        case handle
        /// Something before it is missing, or the fence is not known yet: hand it to `hold`.
        case hold
        /// It was dealt with before.
        case duplicate
    }

    private struct HeldEvent {
        let id: UInt64
        let arrival: Int64
        let event: Held
    }

    /// The first number that is not dealt with and not on its way; nil while Redis has no fence for this source.
    package private(set) var next: UInt64?
    /// Ordered by number, no number twice. Nearly always appended to, because a source is in order.
    /// (No key paths into it: in a generic type the runtime makes them anew at each use.)
    private var held: [HeldEvent] = [] {
        didSet { firstHeld = held.first?.id }
    }
    /// The lowest number held back. Kept beside `held`, because every event asks for it and most sources hold nothing:
    /// looking into an array of a generic type costs a question to the runtime each time.
    package private(set) var firstHeld: UInt64?
    /// The highest number that the publisher's record shows though nobody heard it, and since when that is known.
    private var absent: (through: UInt64, since: Int64)?

    package init(next: UInt64? = nil) {
        self.next = next
    }

    /// Events held back.
    package var heldCount: Int { held.count }

    /// Whether the publisher's record shows numbers that nobody heard.
    package var isBehindRecord: Bool { absent != nil }

    /// Whether there may be a hole: something is held back, or a record shows more than was heard. Most sources have none.
    package var hasHole: Bool { firstHeld != nil || absent != nil }

    /// Whether this very event is held back already.
    package func isHeld(_ id: UInt64) -> Bool {
        let place = place(of: id)
        return place < held.count && held[place].id == id
    }

    /// Judges an event that has come; `.handle` moves on.
    package mutating func receive(_ id: UInt64) -> Arrival {
        guard let next else { return .hold }
        if id < next { return .duplicate }
        if let firstHeld, firstHeld <= id { return .hold }
        guard id == next else { return .hold }
        self.next = id + 1
        return .handle
    }

    /// Keeps an event that cannot be handled yet. One that is held already stays as it is.
    ///
    /// - Parameter arrival: When it was received, from which the age of the hole before it counts.
    package mutating func hold(_ id: UInt64, _ event: Held, arrival: Int64) {
        let new = HeldEvent(id: id, arrival: arrival, event: event)
        let place = place(of: id)
        guard place < held.count else { return held.append(new) }
        if held[place].id != id { held.insert(new, at: place) }
    }

    /// Lets go of events above a number that came before a time.
    ///
    /// - Returns: What was let go.
    package mutating func dropHeld(above limit: UInt64, before time: Int64) -> [Held] {
        guard let last = held.last, last.id > limit else { return [] }
        let dropped = held.filter { $0.id > limit && $0.arrival < time }.map { $0.event }
        if !dropped.isEmpty { held.removeAll { $0.id > limit && $0.arrival < time } }
        return dropped
    }

    /// Lets go of what was held since before a time.
    ///
    /// - Returns: What was let go.
    package mutating func dropHeld(since arrival: Int64) -> [Held] {
        guard firstHeld != nil else { return [] }
        let dropped = held.filter { $0.arrival <= arrival }.map { $0.event }
        if !dropped.isEmpty { held.removeAll { $0.arrival <= arrival } }
        return dropped
    }

    /// Gives out the held events that are next by now, in order, and moves on behind them.
    package mutating func takeContiguous() -> [(id: UInt64, event: Held)] {
        guard var next, held.first?.id == next else { return [] }
        var end = 0
        while end < held.count, held[end].id == next {
            next += 1
            end += 1
        }
        let taken = held[..<end].map { (id: $0.id, event: $0.event) }
        held.removeFirst(end)
        self.next = next
        return taken
    }

    /// Takes the fence that Redis has: goes on behind it and lets go of what it covers.
    ///
    /// Called when the fence was read or a batch was refused; what the cursor believed before no longer counts.
    ///
    /// - Returns: The held events that the fence covers; nobody needs them any more.
    @discardableResult
    package mutating func settle(fence: UInt64) -> [Held] {
        next = fence + 1
        if let absent, absent.through <= fence { self.absent = nil }
        let covered = place(of: fence + 1)
        guard covered > 0 else { return [] }
        defer { held.removeFirst(covered) }
        return held[..<covered].map { $0.event }
    }

    /// Forgets the fence, as when Redis may have lost it.
    package mutating func unsettle() {
        next = nil
        absent = nil
    }

    /// Takes what the publisher's record says, once everything that it counts should have arrived.
    package mutating func record(_ number: UInt64, now: Int64) {
        guard let next, number >= next else {
            absent = nil
            return
        }
        // What was absent first is declared first; the rest begins a wait of its own.
        if let absent, absent.through >= next { return }
        absent = (number, now)
    }

    /// The hole that is to be declared missed: everything in it is absent for at least `patience` milliseconds.
    ///
    /// - Parameter floor: No wait began before this time; a replica that was away itself sets it to its return.
    package func overdueHole(now: Int64, patience: Int64, floor: Int64) -> ClosedRange<UInt64>? {
        guard let next else { return nil }
        if let first = held.first {
            guard first.id > next, now - max(first.arrival, floor) >= patience else { return nil }
            return next...first.id - 1
        }
        guard let absent, absent.through >= next, now - max(absent.since, floor) >= patience else { return nil }
        return next...absent.through
    }

    /// Where an event of this number is held or would be: binary search, because thousands may wait behind one hole.
    private func place(of id: UInt64) -> Int {
        guard let last = held.last, last.id >= id else { return held.count }
        var (low, high) = (0, held.count)
        while low < high {
            let middle = (low + high) / 2
            if held[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
