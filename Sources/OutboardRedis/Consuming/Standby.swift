import DequeModule

/// Messages of one lane that a replica holds for the case that those who rank before it do not apply them, as a value.
///
/// Raw and in order of arrival: only head and end of a message were read (`MessageHead`). A message leaves at the front,
/// because the fence has passed all of it, because it is due, or because there is no room for it any more.
struct Standby {
    struct Entry {
        let source: Int
        let first: UInt64
        let last: UInt64
        let message: KeptMessage

        /// Events in it.
        var count: UInt64 { last - first + 1 }
    }

    /// When what is held becomes due.
    struct Rule: Equatable {
        /// Milliseconds from arrival; 0 where this replica ranks first.
        var delay: Int64 = 0
        /// What arrived until then is due at once: somebody who ranked before has died.
        var dueThrough = Int64.min
    }

    enum Front: Equatable {
        case empty
        /// The fence has passed it.
        case covered
        case due
        case waits
    }

    private(set) var entries = Deque<Entry>()

    var isEmpty: Bool { entries.isEmpty }

    /// When the oldest message came; nil if there is none.
    var oldestArrival: Int64? { entries.first?.message.arrival }

    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    /// What is to be done with the message at the front.
    ///
    /// - Parameter next: The first number of a source that is not dealt with; nil where that is not known.
    func front(_ rule: Rule, now: Int64, next: (Int) -> UInt64?) -> Front {
        guard let entry = entries.first else { return .empty }
        if let next = next(entry.source), entry.last < next { return .covered }
        let arrival = entry.message.arrival
        return arrival <= rule.dueThrough || now - arrival >= rule.delay ? .due : .waits
    }

    mutating func removeFirst() -> Entry {
        entries.removeFirst()
    }
}
