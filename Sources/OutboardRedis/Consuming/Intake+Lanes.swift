import Outboard

/// Lanes and sources: what is heard, what is only held, and how far Redis is.
extension Intake {
    // MARK: Lanes

    /// A lane is about to be subscribed to.
    mutating func open(_ lane: Int) {
        lanes[lane].isOpen = true
    }

    /// The subscription to a lane is confirmed.
    mutating func hear(_ lane: Int) {
        lanes[lane].isOpen = true
        lanes[lane].isHeard = true
        lanes[lane].hearingSince = now
        // Whoever heard it until now has seen what was skipped; `resume` follows where nobody has.
        for source in lanes[lane].sources { sources[source].resumedAt = nil }
    }

    /// Others have heard a lane for a whole lease: they have what is on standby here. What is in the batch is applied.
    mutating func leave(_ lane: Int) {
        lanes[lane].isOpen = false
        lanes[lane].isHeard = false
        while !lanes[lane].standby.isEmpty { _ = takeFirst(lane) }
    }

    /// Somebody who ranked before this replica on some lanes is gone: whatever came until now is due.
    ///
    /// - Returns: Whether anything is.
    mutating func takeOver(_ lanes: [Int]) -> Bool {
        for lane in lanes { self.lanes[lane].rule.dueThrough = now }
        return lanes.contains { !self.lanes[$0].standby.isEmpty }
    }

    /// Takes the ranks that the plan has by now.
    ///
    /// - Returns: Whether something on standby has become due because this replica ranks first.
    mutating func follow(_ plan: HearingPlan) -> Bool {
        var isDue = false
        for lane in lanes.indices {
            let delay = plan.delay(lane)
            if delay == 0, lanes[lane].rule.delay > 0, !lanes[lane].standby.isEmpty { isDue = true }
            lanes[lane].rule.delay = delay
        }
        return isDue
    }

    /// Keeps a message as it came.
    mutating func standBy(_ message: KeptMessage) {
        let entry: Standby.Entry? = message.bytes.withBytes { raw in
            guard let head = MessageHead(raw) else { return nil }
            guard let source = source(head.source, lane: message.lane, .fresh) else { return nil }
            return Standby.Entry(source: source, first: head.first, last: head.last, message: message)
        }
        guard let entry else { return standByScanned(message) }
        figures.received += entry.count
        append(entry)
    }

    /// A message that another program has written: its elements are found by scanning, and stand by one by one.
    private mutating func standByScanned(_ message: KeptMessage) {
        message.bytes.withBytes { raw in
            EventScanner.scan(raw) { element in
                if let reason = element.malformed { return malformed("\(reason)", message.lane) }
                guard let source = source(of: element, lane: message.lane, .fresh) else { return }
                figures.received += 1
                let start = raw.baseAddress.flatMap { base in element.bytes.baseAddress.map { $0 - base } } ?? 0
                let bytes = message.bytes[start..<start + element.bytes.count]
                let part = KeptMessage(lane: message.lane, bytes: bytes, arrival: message.arrival)
                append(Standby.Entry(source: source, first: element.id, last: element.id, message: part))
            }
        }
    }

    private mutating func append(_ entry: Standby.Entry) {
        keptBytes += entry.message.bytes.count
        sources[entry.source].onStandby += 1
        lanes[entry.message.lane].standby.append(entry)
    }

    private mutating func takeFirst(_ lane: Int) -> Standby.Entry {
        let entry = lanes[lane].standby.removeFirst()
        keptBytes -= entry.message.bytes.count
        sources[entry.source].onStandby -= 1
        return entry
    }

    /// Lets go what fences have passed, and takes what is due.
    mutating func advance() {
        for lane in lanes.indices where !lanes[lane].standby.isEmpty { advance(lane) }
    }

    private mutating func advance(_ lane: Int) {
        while true {
            switch lanes[lane].standby.front(lanes[lane].rule, now: now, next: { sources[$0].cursor.next }) {
            case .empty, .waits: return
            case .covered: _ = takeFirst(lane)
            case .due: scan(takeFirst(lane).message, .due)
            }
        }
    }

    /// Makes room for new bytes by letting go the oldest on standby; false if there is none left and no room.
    mutating func makeRoom(_ bytes: Int) -> Bool {
        while keptBytes + bytes > Self.keptBytesLimit {
            let held = lanes.indices.filter { !lanes[$0].standby.isEmpty }
            guard
                let oldest = held.min(by: {
                    lanes[$0].standby.oldestArrival ?? .max < lanes[$1].standby.oldestArrival ?? .max
                })
            else { return false }
            figures.letGo += takeFirst(oldest).count
        }
        return true
    }

    /// Drops what is still held of lanes that others hear: they have had it for a whole patience.
    mutating func forgetUnheard() {
        for index in sources.indices where !lanes[sources[index].lane].isHeard {
            for bytes in sources[index].cursor.dropHeld(since: now - HolePatience.shared) { keptBytes -= bytes.count }
        }
    }

    /// Drops all that is held: the plugin is disabled, and what waits behind a hole passes like what comes later.
    mutating func dropHeld() {
        for index in sources.indices {
            for bytes in sources[index].cursor.dropHeld(since: .max) { keptBytes -= bytes.count }
        }
    }

    // MARK: Fences

    /// Sources whose fence must be read: something of theirs waits for it. Those of the current batch are left out,
    /// because its own answer tells where they are.
    var unsettled: [Int] {
        sources.indices.filter { index in
            // In place: a copy of a source counts all of its references.
            (sources[index].onStandby > 0 || sources[index].cursor.hasHole) && !sources[index].isBatched
        }
    }

    /// Takes the fence that Redis has now, or nil where it has none; `drain` goes on from there.
    mutating func settle(_ source: Int, fence: UInt64?) {
        guard let fence else { return sources[source].cursor.unsettle() }
        for bytes in sources[source].cursor.settle(fence: fence) { keptBytes -= bytes.count }
    }

    // MARK: Sources

    /// The source of an element; nil, and counted as malformed, if it is none of this lane.
    mutating func source(of element: borrowing ScannedElement, lane: Int, _ pass: Pass) -> Int? {
        let theirs = element.type
        guard type.withUnsafeBytes({ Bytes.equal($0, theirs) }) else {
            if pass != .again { malformed("its type is not of this channel", lane) }
            return nil
        }
        return source(element.source, lane: lane, pass)
    }

    mutating func source(_ bytes: UnsafeRawBufferPointer, lane: Int, _ pass: Pass) -> Int? {
        // Field by field: a method of the source would be handed a copy of it, with all its references.
        if let recent = lanes[lane].recent, !sources[recent].isRetired,
            sources[recent].bytes.withUnsafeBytes({ Bytes.equal($0, bytes) })
        {
            return recent
        }
        for source in lanes[lane].sources {
            guard sources[source].bytes.withUnsafeBytes({ Bytes.equal($0, bytes) }) else { continue }
            guard sources[source].isRetired else {
                lanes[lane].recent = source
                return source
            }
            if pass != .again { malformed("its publisher was forgotten", lane) }
            return nil
        }
        guard let parsed = EventSource(bytes), parsed.lane == lane, parsed.type == eventType else {
            if pass != .again { malformed("its source is not of this channel", lane) }
            return nil
        }
        let added = addSource(publisher: parsed.publisher, lane: lane)
        return sources[added].isRetired ? nil : added
    }

    func knows(publisher: String, lane: Int) -> Bool {
        lanes[lane].sources.contains { sources[$0].publisher == publisher }
    }

    /// The index of a source, which is made if it is new.
    mutating func addSource(publisher: String, lane: Int) -> Int {
        if let known = lanes[lane].sources.first(where: { sources[$0].publisher == publisher }) { return known }
        let text = "/\(publisher)/\(eventType)/\(lane)"
        var source = ReplicaSource(
            text: text, bytes: Array(text.utf8), publisher: publisher, lane: lane, firstSeen: now)
        source.isRetired = retired.contains(publisher)
        sources.append(source)
        lanes[lane].sources.append(sources.count - 1)
        return sources.count - 1
    }

    /// Publishers of this list are forgotten; what still comes from them is malformed.
    mutating func retire(_ publishers: Set<String>) {
        retired = publishers
        for index in sources.indices {
            let isRetired = publishers.contains(sources[index].publisher)
            if isRetired, !sources[index].isRetired {
                for bytes in sources[index].cursor.dropHeld(since: .max) { keptBytes -= bytes.count }
                sources[index].cursor.unsettle()
            }
            sources[index].isRetired = isRetired
        }
    }
}
