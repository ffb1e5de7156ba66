import Logging
import NIOCore
import Outboard
import RedisClient

/// How a replica learns how far its sources are: fences, first fences, holes.
extension Replica {
    // MARK: Fences

    /// Reads the fences of all sources, as a session begins.
    func readAllFences(on command: RedisConnection) async throws {
        for (text, fence) in try await fences(on: command) {
            guard let source = EventSource(text), source.type == P.Payload.eventType, source.lane < settings.lanes
            else { continue }
            let index = hot.intake.addSource(publisher: source.publisher, lane: source.lane)
            hot.intake.settle(index, fence: fence)
        }
        for index in hot.intake.sources.indices { hot.intake.drain(index) }
        session.fencesReadAt = hot.intake.now
    }

    /// Source → fence, of all sources.
    func fences(on command: RedisConnection) async throws -> [String: UInt64] {
        let reply = try await command.send(RedisCommand("HGETALL", settings.names.book(name, .applied))).get()
        let pairs = try reply.stringPairs().map { ($0, try number($1, of: $0)) }
        return Dictionary(pairs) { $1 }
    }

    /// Reads the fences for which something waits, several times a second.
    func readDueFences(on command: RedisConnection) async throws {
        // What Redis may or may not have says nothing about a fence; its own answer comes first.
        guard inFlight.isEmpty else { return }
        let now = hot.intake.now
        guard session.wantsFences || hot.intake.hasUnsettled || now - session.fencesReadAt >= Cadence.fences else {
            return
        }
        session.fencesReadAt = now
        session.wantsFences = false
        hot.intake.hasUnsettled = false
        let wanted = hot.intake.unsettled
        for start in stride(from: 0, to: wanted.count, by: 1_000) {
            try await readFences(Array(wanted[start..<min(start + 1_000, wanted.count)]), on: command)
        }
        hot.intake.judgeSuspects(before: records.readAt)
        if session.sinceIsLost { try await beginAgain(on: command) }
    }

    private func readFences(_ wanted: [Int], on command: RedisConnection) async throws {
        let texts = wanted.map { hot.intake.sources[$0].text }
        let reply = try await command.send(
            RedisCommand(words: ["HMGET", settings.names.book(name, .applied)] + texts)
        ).get().array()
        guard reply.count == wanted.count else {
            throw RedisError(code: .unexpectedReply, message: "HMGET answered \(reply.count) of \(wanted.count) fields")
        }
        for (index, value) in zip(wanted, reply) where !hot.intake.sources[index].isBatched {
            let text = hot.intake.sources[index].text
            let fence = try value.stringOrNil().map { try number($0, of: text) }
            if fence == nil, hot.intake.sources[index].cursor.next != nil { session.sinceIsLost = true }
            hot.intake.settle(index, fence: fence)
            hot.intake.drain(index)
        }
    }

    private func number(_ text: String, of source: String) throws -> UInt64 {
        if let number = UInt64(text) { return number }
        throw RedisError(
            code: .unexpectedReply,
            message: "the fence of \(source) is '\(text)', not a number; mend or delete that field of "
                + settings.names.book(name, .applied))
    }

    /// Redis has lost its data, it seems: then the plugin's time begins again.
    private func beginAgain(on command: RedisConnection) async throws {
        session.sinceIsLost = false
        try await readRetired(on: command)
        let known = try await command.send(
            RedisCommand("HEXISTS", settings.names.since(name), P.Payload.eventType)
        ).get()
        // A publisher was forgotten, or somebody has deleted a field.
        guard try known.int64() == 0 else { return }
        logger.warning("fences are gone, Redis has lost its data; counting goes on from here")
        let heardAt = try await readClock(on: command)
        try await readRecords(on: command)
        try await readSince(heardAt, on: command)
    }

    // MARK: First fences

    /// Gives a first fence to sources that have none; docs/protocol.md, "A source without a fence".
    func admitSources(on command: RedisConnection) async throws {
        try await readUnknownRecords(on: command)
        var admitted: [Int] = []
        var arguments = RedisArguments()
        for index in hot.intake.sources.indices {
            // Asked first and in place: a copy of a source counts all of its references.
            guard hot.intake.sources[index].cursor.next == nil else { continue }
            noteRecord(of: index)
            guard let before = baseline(of: hot.intake.sources[index]) else { continue }
            admitted.append(index)
            arguments.append(hot.intake.sources[index].publisher)
            arguments.append(hot.intake.sources[index].text)
            arguments.append(before)
        }
        guard !admitted.isEmpty else { return }
        let reply = try await command.evaluate(
            Scripts.admit, keys: [settings.names.prefix(name)], arguments: arguments
        ).get()
        for (index, fence) in zip(admitted, try BatchEncoding.fences(reply)) {
            hot.intake.settle(index, fence: fence)
            hot.intake.drain(index)
        }
    }

    /// A source that was made by its first event has a record that was read before.
    private func noteRecord(of index: Int) {
        let source = hot.intake.sources[index]
        guard source.recorded == nil else { return }
        hot.intake.sources[index].recorded = records.ofPublisher[source.publisher]?.numbers[source.lane]
    }

    /// How many events of a source lie before this plugin's time; nil if it has a fence, or as long as that cannot be
    /// said.
    private func baseline(of source: ReplicaSource) -> UInt64? {
        let lane = hot.intake.lanes[source.lane]
        guard source.cursor.next == nil, lane.isHeard, !source.isRetired else { return nil }
        let record = records.ofPublisher[source.publisher]
        return FirstFence(
            firstHeld: source.cursor.firstHeld, recorded: source.recorded, started: record?.started, since: since,
            proven: source.proven?.number, provenFor: hot.intake.now - (source.proven?.since ?? hot.intake.now),
            hearingFor: hot.intake.now - lane.hearingSince, knownFor: hot.intake.now - source.firstSeen,
            isShared: roster.remembered > 0, isFirst: lane.rule.delay == 0
        ).baseline
    }

    // MARK: Holes

    /// Books holes that nobody else can fill.
    func declareHoles(on command: RedisConnection) async throws {
        guard inFlight.isEmpty else { return }
        let patience = HolePatience.milliseconds(
            others: roster.remembered, trustedFor: hot.intake.now - session.trustedSince)
        let holes = hot.intake.overdueHoles(patience: patience, trustedSince: session.trustedSince)
        guard !holes.isEmpty else { return }
        var arguments = RedisArguments()
        for hole in holes {
            arguments.append(hot.intake.sources[hole.source].text)
            arguments.append(hole.numbers.lowerBound - 1)
            arguments.append(hole.numbers.upperBound)
            arguments.append(hole.book.rawValue)
        }
        let reply = try await command.evaluate(
            Scripts.declare, keys: [settings.names.prefix(name)], arguments: arguments
        ).get()
        for (hole, answer) in zip(holes, try BatchEncoding.declarations(reply)) {
            hot.intake.close(hole, fence: answer.fence, isBooked: answer.isBooked)
            guard answer.isBooked else { continue }
            // What was skipped was to be skipped; what is missed is a loss.
            logger.log(
                level: hole.book == .missed ? .warning : .debug, "events \(hole.book)",
                metadata: [
                    "source": "\(hot.intake.sources[hole.source].text)",
                    "numbers": "\(hole.numbers.lowerBound)-\(hole.numbers.upperBound)",
                ])
        }
    }
}
