/// The table in which effects meet: open addressing over bytes, without an allocation once a name and field are known.
///
/// Names and fields of all entries lie one behind the other in `text`; an entry holds offsets. A slot holds an entry's
/// number plus one. The hash is seeded per process, because fields come from outside and could be chosen to collide;
/// equal hashes are never taken for equal keys.
///
/// Events of one type mostly have the same effects in the same order, so each entry remembers which one came behind it
/// last, and that one is compared before anything is hashed.
struct EffectTable: Sendable {
    /// One effect as merged so far.
    struct Entry: Sendable {
        let hash: UInt64
        let kind: EffectKind
        let nameStart: Int32
        let nameCount: Int32
        let fieldCount: Int32
        var value: Int64
        /// Events that took part; 0 once they were all undone.
        var events: Int64
        /// The entry that was merged behind this one last, in the same event; below 0 if none was.
        var follower: Int32 = -1
        /// What the event that changed it last found here; that event's number, and the entry that it changed before.
        var undo: Undo

        struct Undo: Sendable {
            let event: UInt64
            let value: Int64
            let events: Int64
            let before: Int32
        }

        /// Takes one more event; false if the sum does not fit.
        @inline(__always)
        mutating func merge(_ new: Int64) -> Bool {
            if events == 0 {
                value = new
            } else {
                switch EffectMerge(kind) {
                case .add:
                    let (sum, overflow) = value.addingReportingOverflow(new)
                    if overflow { return false }
                    value = sum
                case .larger: value = max(value, new)
                case .smaller: value = min(value, new)
                }
            }
            events += 1
            return true
        }

        /// Whether the entry is of this key; equal hashes do not say so.
        ///
        /// - Parameter text: The text of the entry's table.
        @inline(__always)
        func matches(
            _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer,
            in text: UnsafeRawBufferPointer
        ) -> Bool {
            guard self.kind == kind, nameCount == name.count, fieldCount == field.count, let base = text.baseAddress
            else { return false }
            // `insert` alone makes entries, of what it has just put into the text.
            let start = base + Int(nameStart)
            return Bytes.equal(UnsafeRawBufferPointer(start: start, count: name.count), name)
                && Bytes.equal(UnsafeRawBufferPointer(start: start + name.count, count: field.count), field)
        }
    }

    enum Outcome {
        case merged, overflow, invalidName
    }

    private static let seed = UInt64.random(in: .min ... .max)

    private var entries: [Entry] = []
    private var slots = [Int32](repeating: 0, count: 64)
    private var text: [UInt8] = []
    /// Entries that at least one event stands behind.
    private(set) var count = 0
    /// The number of the event in progress.
    private var event: UInt64 = 1
    /// The entry that the event in progress has changed last; below 0 where it has changed none.
    private var changed: Int32 = -1
    /// The entry of the effect before, in the event in progress; below 0 at its begin.
    private var previous: Int32 = -1
    /// The entry that comes next, if this event does what the last one did; below 0 where nothing is known.
    private var expected: Int32 = -1
    /// What was merged first, in the last event that had an effect; below 0 if none had.
    private var first: Int32 = -1

    /// An event begins: its effects are expected to be those of the last one.
    mutating func begin() {
        event += 1
        (changed, previous, expected) = (-1, -1, first)
    }

    @inline(__always)
    mutating func merge(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer, _ value: Int64
    ) -> Outcome {
        let number = expected
        if number >= 0, isEntry(number, kind, name, field) { return update(number, value) }
        return mergeUnexpected(kind, name, field, value)
    }

    @inline(never)
    private mutating func mergeUnexpected(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer, _ value: Int64
    ) -> Outcome {
        let hash = Self.hash(kind, name, field)
        let (slot, known) = find(kind, name, field, hash)
        guard let number = known ?? insert(kind, name, field, hash, at: slot) else { return .invalidName }
        if previous < 0 { first = number } else { entries[Int(previous)].follower = number }
        return update(number, value)
    }

    /// Undoes what the event in progress has merged.
    mutating func revert() {
        while changed >= 0 {
            let number = Int(changed)
            let undo = entries[number].undo
            if undo.events == 0, entries[number].events > 0 { count -= 1 }
            (entries[number].value, entries[number].events) = (undo.value, undo.events)
            changed = undo.before
        }
    }

    mutating func removeAll() {
        guard !entries.isEmpty else { return }
        entries.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        (changed, previous, expected, first) = (-1, -1, -1, -1)
        for slot in slots.indices { slots[slot] = 0 }
        count = 0
    }

    func forEach(_ body: (MergedEffect) throws -> Void) rethrows {
        try text.withUnsafeBytes { text in
            for entry in entries where entry.events > 0 {
                let nameEnd = Int(entry.nameStart + entry.nameCount)
                try body(
                    MergedEffect(
                        kind: entry.kind,
                        name: UnsafeRawBufferPointer(rebasing: text[Int(entry.nameStart)..<nameEnd]),
                        field: UnsafeRawBufferPointer(rebasing: text[nameEnd..<nameEnd + Int(entry.fieldCount)]),
                        value: entry.value, events: entry.events))
            }
        }
    }

    func value(_ kind: EffectKind, _ name: String, _ field: String) -> Int64? {
        var found: Int64?
        forEach { effect in
            guard effect.kind == kind, effect.nameText == name else { return }
            if String(decoding: effect.field, as: UTF8.self) == field { found = effect.value }
        }
        return found
    }

    /// Whether effects may have this name: `[a-z][a-z0-9_]{0,47}`.
    static func isValidName(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { isValidName(UnsafeRawBufferPointer($0)) }
    }

    // MARK: Private

    @inline(__always)
    private func isEntry(
        _ number: Int32, _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer
    ) -> Bool {
        text.withUnsafeBytes { text in
            entries.withUnsafeBufferPointer { $0[Int(number)].matches(kind, name, field, in: text) }
        }
    }

    /// The entry of a key, or the empty slot where it belongs.
    ///
    /// Goes over the arrays' memory as it lies: indexing them one by one would count references at every step.
    private func find(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer, _ hash: UInt64
    ) -> (slot: Int, entry: Int32?) {
        slots.withUnsafeBufferPointer { slots in
            entries.withUnsafeBufferPointer { entries in
                text.withUnsafeBytes { text in
                    var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
                    while slots[slot] != 0 {
                        let number = slots[slot] - 1
                        let entry = entries[Int(number)]
                        if entry.hash == hash, entry.matches(kind, name, field, in: text) { return (slot, number) }
                        slot = (slot + 1) & (slots.count - 1)
                    }
                    return (slot, nil)
                }
            }
        }
    }

    /// Merges into an entry, and expects the one that followed it.
    @inline(__always)
    private mutating func update(_ number: Int32, _ value: Int64) -> Outcome {
        let (event, changed) = (event, changed)
        let (outcome, isFirst, isNew, follower) = entries.withUnsafeMutableBufferPointer { entries in
            let index = Int(number)
            let isFirst = entries[index].undo.event != event
            if isFirst {
                entries[index].undo = Entry.Undo(
                    event: event, value: entries[index].value, events: entries[index].events, before: changed)
            }
            let isMerged = entries[index].merge(value)
            // What overflows changes nothing; the entry may well stand at one event by another.
            let isNew = isMerged && entries[index].events == 1
            return (isMerged ? Outcome.merged : .overflow, isFirst, isNew, entries[index].follower)
        }
        if isFirst { self.changed = number }
        if isNew { count += 1 }
        (previous, expected) = (number, follower)
        return outcome
    }

    /// Makes an entry that no event stands behind yet; nil if its name is none.
    private mutating func insert(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer, _ hash: UInt64,
        at slot: Int
    ) -> Int32? {
        guard Self.isValidName(name) else { return nil }
        let start = Int32(text.count)
        text.append(contentsOf: name)
        text.append(contentsOf: field)
        entries.append(
            Entry(
                hash: hash, kind: kind, nameStart: start, nameCount: Int32(name.count), fieldCount: Int32(field.count),
                value: 0, events: 0, undo: Entry.Undo(event: 0, value: 0, events: 0, before: -1)))
        slots[slot] = Int32(entries.count)
        if entries.count * 2 > slots.count { grow() }
        return Int32(entries.count - 1)
    }

    private mutating func grow() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for (number, entry) in entries.enumerated() {
            var slot = Int(truncatingIfNeeded: entry.hash) & (slots.count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(number + 1)
        }
    }

    private static func hash(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer
    ) -> UInt64 {
        var hash = Bytes.mix(seed ^ UInt64(kind.rawValue), UInt64(name.count))
        hash = Bytes.hash(name, into: hash)
        return Bytes.hash(field, into: hash)
    }

    private static func isValidName(_ name: UnsafeRawBufferPointer) -> Bool {
        guard (1...48).contains(name.count), name[0].isLowercaseLetter else { return false }
        return name.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "_") }
    }
}
