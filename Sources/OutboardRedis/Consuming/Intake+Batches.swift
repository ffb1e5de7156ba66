import Outboard

/// Groups: which one an event goes into, and what becomes of them.
extension Intake {
    // MARK: Making

    /// Where an event that is next in its source goes.
    mutating func place(of source: Int, id: UInt64) -> Batch.Place {
        // A source stays where it began, until that group is closed.
        if let place = sources[source].place { return place }
        let isAlone = sources[source].isContended || lanes[sources[source].lane].rule.delay > 0
        let group = isAlone ? addGroup() : sharedGroup()
        let place = Batch.Place(group: group, range: batch.groups[group].ranges.count)
        batch.groups[group].ranges.append(Batch.Range(source: source, from: id, to: id))
        sources[source].place = place
        sources[source].isBatched = true
        return place
    }

    private mutating func sharedGroup() -> Int {
        if let shared = batch.shared { return shared }
        let group = addGroup()
        batch.shared = group
        return group
    }

    private mutating func addGroup() -> Int {
        batch.groups.append(Batch.Group())
        return batch.groups.count - 1
    }

    /// What comes next of a group's sources goes into other groups, which are sent behind it.
    mutating func close(_ group: Int) {
        for range in batch.groups[group].ranges where sources[range.source].place?.group == group {
            sources[range.source].place = nil
        }
        if batch.shared == group { batch.shared = nil }
    }

    // MARK: Sending

    /// Takes the current batch and starts a new one.
    mutating func seal() -> [Batch.Group] {
        guard !batch.isEmpty else { return [] }
        figures.lagMilliseconds = max(0, (redisNow - lastEventTime) / 1_000)
        for group in batch.groups.indices {
            close(group)
            for range in batch.groups[group].ranges { sources[range.source].isBatched = false }
        }
        backlog.seal()
        handler.rest()
        defer { batch = Batch() }
        return batch.groups
    }

    /// Redis has a group: what was kept for it goes.
    mutating func applied(_ group: Batch.Group) {
        release(group)
        for range in group.ranges {
            figures.handled += range.handled
            figures.failed += range.failed
            sources[range.source].isContended = false
        }
    }

    /// Redis refused groups: their events and those of the current batch are taken again behind the fences of now.
    ///
    /// - Parameter fences: Of each source of the refused groups; nil where Redis has none.
    mutating func refused(_ groups: [Batch.Group], fences: [Int: UInt64?]) {
        let current = seal()
        var begun = Set(fences.keys)
        for range in current.flatMap(\.ranges) where begun.insert(range.source).inserted {
            settle(range.source, fence: range.from - 1)
        }
        for (source, fence) in fences {
            sources[source].isContended = true
            settle(source, fence: fence)
        }
        takeAgain(groups + current)
        for source in begun { drain(source) }
    }

    /// The connection is gone: nothing that was not confirmed is believed any more.
    mutating func suspend(_ inFlight: [Batch.Group]) {
        let groups = inFlight + seal()
        for index in sources.indices {
            sources[index].cursor.unsettle()
            sources[index].isContended = false
            sources[index].proven = nil
        }
        for lane in lanes.indices {
            lanes[lane].isOpen = false
            lanes[lane].isHeard = false
        }
        takeAgain(groups)
    }

    /// Scans the messages of groups again; what the fences cover by now goes.
    private mutating func takeAgain(_ groups: [Batch.Group]) {
        for group in groups {
            release(group)
            for message in group.messages { scan(message, .again) }
        }
    }

    private mutating func release(_ group: Batch.Group) {
        keptBytes -= group.keptBytes
        backlog.release(group.keptBytes)
    }
}
