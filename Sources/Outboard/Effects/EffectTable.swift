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

        /// Takes one more event.
        mutating func merge(_ new: Int64, _ number: Int32) -> Outcome {
            let change = Change(entry: number, value: value, events: events)
            if events == 0 {
                value = new
            } else {
                switch EffectMerge(kind) {
                case .add:
                    let (sum, overflow) = value.addingReportingOverflow(new)
                    if overflow { return .overflow }
                    value = sum
                case .larger: value = max(value, new)
                case .smaller: value = min(value, new)
                }
            }
            events += 1
            return .changed(change)
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

    /// What `revert` needs to undo one merge.
    struct Change: Sendable {
        let entry: Int32
        let value: Int64
        let events: Int64
    }

    enum Outcome {
        case changed(Change), overflow, invalidName
    }

    private static let seed = UInt64.random(in: .min ... .max)

    private var entries: [Entry] = []
    private var slots = [Int32](repeating: 0, count: 64)
    private var text: [UInt8] = []
    /// Entries that at least one event stands behind.
    private(set) var count = 0
    /// The entry of the effect before, in the event in progress; below 0 at its begin.
    private var previous: Int32 = -1
    /// What was merged first, in the last event that had an effect; below 0 if none had.
    private var first: Int32 = -1

    /// An event begins: its effects are expected to be those of the last one.
    mutating func begin() { previous = -1 }

    mutating func merge(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer, _ value: Int64
    ) -> Outcome {
        let expected = previous < 0 ? first : entries[Int(previous)].follower
        if expected >= 0, isEntry(expected, kind, name, field) {
            previous = expected
            return update(expected, value)
        }
        let outcome = mergeUnexpected(kind, name, field, value)
        guard case .changed(let change) = outcome else { return outcome }
        if previous < 0 { first = change.entry } else { entries[Int(previous)].follower = change.entry }
        previous = change.entry
        return outcome
    }

    private mutating func mergeUnexpected(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer, _ value: Int64
    ) -> Outcome {
        let hash = Self.hash(kind, name, field)
        let (slot, number) = find(kind, name, field, hash)
        if let number { return update(number, value) }
        guard Self.isValidName(name) else { return .invalidName }
        insert(kind, name, field, value, hash, at: slot)
        return .changed(Change(entry: Int32(entries.count - 1), value: 0, events: 0))
    }

    mutating func revert(_ change: Change) {
        let number = Int(change.entry)
        entries[number].value = change.value
        entries[number].events = change.events
        if change.events == 0 { count -= 1 }
    }

    mutating func removeAll() {
        guard !entries.isEmpty else { return }
        entries.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        (previous, first) = (-1, -1)
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

    private func isEntry(
        _ number: Int32, _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer
    ) -> Bool {
        text.withUnsafeBytes { entries[Int(number)].matches(kind, name, field, in: $0) }
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

    private mutating func update(_ number: Int32, _ value: Int64) -> Outcome {
        let outcome = entries[Int(number)].merge(value, number)
        if case .changed(let change) = outcome, change.events == 0 { count += 1 }
        return outcome
    }

    private mutating func insert(
        _ kind: EffectKind, _ name: UnsafeRawBufferPointer, _ field: UnsafeRawBufferPointer, _ value: Int64,
        _ hash: UInt64, at slot: Int
    ) {
        let start = Int32(text.count)
        text.append(contentsOf: name)
        text.append(contentsOf: field)
        entries.append(
            Entry(
                hash: hash, kind: kind, nameStart: start, nameCount: Int32(name.count), fieldCount: Int32(field.count),
                value: value, events: 1))
        slots[slot] = Int32(entries.count)
        count += 1
        if entries.count * 2 > slots.count { grow() }
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
