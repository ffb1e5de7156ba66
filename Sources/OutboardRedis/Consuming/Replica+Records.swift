import Logging
import NIOCore
import Outboard
import RedisClient

/// What publishers say that they published, and the proof that what they say has been heard.
extension Replica {
    // MARK: Records

    /// Reads what all publishers say that they published; nobody needs to have heard them.
    func readRecords(on command: RedisConnection) async throws {
        tick()
        let now = hot.intake.now
        let reply = try await command.send(
            RedisCommand("ZRANGE", settings.names.publishers, "0", "-1", "WITHSCORES")
        ).get()
        var heartbeats: [String: Int64] = [:]
        for (publisher, beat) in try reply.stringPairs() where !hot.intake.retired.contains(publisher) {
            heartbeats[publisher] = Int64(beat) ?? 0
        }
        let changing = records.changing(heartbeats, redisNow: redisMilliseconds)
        records.ofPublisher = records.ofPublisher.filter { heartbeats[$0.key] != nil }
        records.heartbeats = heartbeats
        try await readRecords(of: changing, on: command)
        records.readAt = now
        records.lookedFor = [:]
    }

    /// Looks, a few times a second, for the records of publishers that are heard and not known.
    func readUnknownRecords(on command: RedisConnection) async throws {
        let now = hot.intake.now
        var unknown = Set<String>()
        for index in hot.intake.sources.indices where hot.intake.sources[index].cursor.next == nil {
            let source = hot.intake.sources[index]
            guard source.cursor.heldCount > 0 else { continue }
            guard records.ofPublisher[source.publisher] == nil, !source.isRetired else { continue }
            if let last = records.lookedFor[source.publisher], now - last < Cadence.fences { continue }
            unknown.insert(source.publisher)
        }
        guard !unknown.isEmpty else { return }
        for publisher in unknown { records.lookedFor[publisher] = now }
        try await readRecords(of: unknown.sorted(), on: command)
    }

    private func readRecords(of publishers: [String], on command: RedisConnection) async throws {
        guard !publishers.isEmpty else { return }
        let replies = try await command.pipeline(
            publishers.map { RedisCommand("HGETALL", settings.names.publisher($0)) }
        ).get()
        for (publisher, reply) in zip(publishers, replies) {
            let record = try PublisherRecord(try reply.get(), type: P.Payload.eventType)
            guard !record.isEmpty else { continue }
            records.ofPublisher[publisher] = record
            for (lane, number) in record.numbers where (0..<settings.lanes).contains(lane) {
                // A publisher records all of its lanes at once, and one that comes and goes uses one of them: a lane on
                // which nothing was published takes no place here.
                guard number > 0 || hot.intake.knows(publisher: publisher, lane: lane) else { continue }
                let index = hot.intake.addSource(publisher: publisher, lane: lane)
                hot.intake.sources[index].recorded = number
            }
        }
    }

    // MARK: Proof

    /// Reads all records, publishes a probe to itself and waits for it. When it is back, everything that the records
    /// count should have arrived on the same connection; what has not is absent from now on.
    ///
    /// As long as the subscription moves, a late probe only shows that the replica is behind; it keeps its lease.
    ///
    /// - Throws: `ProbeLost` if nothing came for two seconds: the subscription is deaf.
    func prove(on command: RedisConnection) async throws {
        let asked = Self.monotonicMilliseconds
        try await readRecords(on: command)
        let recorded = hot.intake.recordedNumbers
        let number = probe.next()
        _ = try await command.send(RedisCommand("PUBLISH", settings.names.probe(name, id), "\(number)")).get()
        var (heard, quietSince) = (hot.intake.heard, Self.monotonicMilliseconds)
        while !probe.isBack {
            await session.probePause.wait(Cadence.heartbeat)
            try session.check()
            if probe.isBack { break }
            let now = Self.monotonicMilliseconds
            // Who does not read hears nothing.
            if hot.intake.heard != heard || session.reading?.isOn == false {
                (heard, quietSince) = (hot.intake.heard, now)
                if state != .starting { try await beat(on: command) }
            } else if now - quietSince >= Cadence.deaf {
                throw ProbeLost()
            }
        }
        tick()
        hot.intake.noteAbsent(recorded, heardBefore: asked)
    }

    /// A probe has come back.
    func heardProbe(_ number: UInt64) {
        probe.heard(number)
        if probe.isBack { session.probePause.end() }
    }
}
