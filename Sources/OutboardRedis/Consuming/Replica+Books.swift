import Logging
import NIOCore
import Outboard
import RedisClient

/// What goes between a replica and its books.
extension Replica {
    // MARK: Effects

    /// Applies what was handled since the last flush. A lost reply ends the session; an error reply keeps the batch.
    func flush(on command: RedisConnection) async throws {
        if inFlight.isEmpty {
            guard let batch = intake.value.seal() else { return }
            inFlight = batch.groups
        }
        let groups = inFlight
        let arguments = BatchEncoding.arguments(groups, sources: intake.value.sources, maxFields: settings.maxFields)
        let reply: RedisValue
        do {
            reply = try await command.evaluate(
                Scripts.apply, keys: [settings.names.prefix(name)], arguments: arguments
            ).get()
        } catch let error as RedisError where error.code == .serverReply {
            // Nothing was changed (docs/protocol.md, "The script apply"): say so and try the same again.
            return report(error)
        }
        let outcomes = try BatchEncoding.outcomes(reply, groups: groups)
        inFlight = []
        if state == .failed { becomeReady() }
        settle(groups, outcomes)
    }

    private func settle(_ groups: [Batch.Group], _ outcomes: [BatchEncoding.Outcome]) {
        var refused: [Batch.Group] = []
        var fences: [Int: UInt64?] = [:]
        for (group, outcome) in zip(groups, outcomes) {
            switch outcome {
            case .applied: intake.value.applied(group)
            case .refused(let seen):
                refused.append(group)
                for (range, fence) in zip(group.ranges, seen) { fences.updateValue(fence, forKey: range.source) }
            }
        }
        guard !refused.isEmpty else { return }
        logger.debug("groups refused", metadata: ["groups": "\(refused.count)", "sources": "\(fences.count)"])
        intake.value.refused(refused, fences: fences)
    }

    private func report(_ error: RedisError) {
        if state != .failed || problem != "\(error)" {
            logger.error("effects wait: Redis refused them", metadata: ["error": "\(error)"])
        }
        state = .failed
        problem = "\(error)"
    }

    // MARK: Sources without a fence

    /// Gives a first fence to sources that have none; docs/protocol.md, "A source without a fence".
    func admitSources(on command: RedisConnection) async throws {
        let unknown = Set(
            intake.value.sources.filter { $0.cursor.next == nil && records[$0.publisher] == nil }.map(\.publisher))
        if !unknown.isEmpty { try await readRecords(of: unknown.sorted(), on: command) }
        var admitted: [Int] = []
        var arguments = RedisArguments()
        for (index, source) in intake.value.sources.enumerated() where source.cursor.next == nil {
            guard let before = baseline(of: source) else { continue }
            admitted.append(index)
            arguments.append(source.text)
            arguments.append(before)
        }
        guard !admitted.isEmpty else { return }
        let reply = try await command.evaluate(
            Scripts.admit, keys: [settings.names.prefix(name)], arguments: arguments
        ).get()
        for (index, fence) in zip(admitted, try BatchEncoding.fences(reply)) {
            intake.value.settle(index, fence: fence)
            intake.value.drain(index)
        }
    }

    /// How many events of a source lie before this plugin's time; nil as long as that cannot be said.
    private func baseline(of source: ReplicaSource) -> UInt64? {
        let waited = Self.monotonicMilliseconds - max(source.firstSeen, hearingSince)
        guard let record = records[source.publisher], let started = record.started else {
            guard let first = source.cursor.firstHeld, waited >= HolePatience.shared else { return nil }
            return first - 1
        }
        if started > since { return source.cursor.firstHeld != nil || (source.recorded ?? 0) > 0 ? 0 : nil }
        if let first = source.cursor.firstHeld { return first - 1 }
        guard let recorded = source.recorded, recorded > 0, waited >= HolePatience.shared else { return nil }
        return recorded
    }

    // MARK: Records

    /// Reads what all publishers say that they published; nobody needs to have heard them.
    func readRecords(on command: RedisConnection) async throws {
        let publishers = try await command.send(RedisCommand("ZRANGE", settings.names.publishers, "0", "-1")).get()
        let known = try publishers.array().map { try $0.string() }
        records = records.filter { known.contains($0.key) }
        try await readRecords(of: known, on: command)
    }

    private func readRecords(of publishers: [String], on command: RedisConnection) async throws {
        guard !publishers.isEmpty else { return }
        let replies = try await command.pipeline(
            publishers.map { RedisCommand("HGETALL", settings.names.publisher($0)) }
        ).get()
        for (publisher, reply) in zip(publishers, replies) {
            let record = try PublisherRecord(try reply.get(), type: P.Payload.eventType)
            guard record.started != nil || !record.numbers.isEmpty else { continue }
            records[publisher] = record
            for (lane, number) in record.numbers where (0..<settings.lanes).contains(lane) {
                let index = intake.value.addSource(publisher: publisher, lane: lane)
                intake.value.sources[index].recorded = number
            }
        }
    }

    // MARK: Holes

    /// Publishes a probe to itself and waits for it. When it is back, everything that the records read before count
    /// should have arrived on the same connection; what has not is absent from now on.
    ///
    /// - Throws: `ProbeLost` if it does not come back within two seconds: the subscription is deaf.
    func prove(on command: RedisConnection) async throws {
        probeNumber += 1
        let number = probeNumber
        _ = try await command.send(RedisCommand("PUBLISH", settings.names.probe(name, id), "\(number)")).get()
        let timeout = eventLoop.scheduleTask(in: .seconds(2)) { [weak self] in
            self?.assumeIsolated { $0.releaseProbeWaiter() }
        }
        if probeArrived < number { await withCheckedContinuation { probeWaiter = $0 } }
        timeout.cancel()
        guard probeArrived >= number else { throw ProbeLost() }
        tick()
        intake.value.judgeSuspects()
        for index in intake.value.sources.indices {
            guard let recorded = intake.value.sources[index].recorded else { continue }
            intake.value.sources[index].cursor.record(recorded, now: intake.value.now)
        }
    }

    /// A probe has come back.
    func heardProbe(_ number: UInt64) {
        probeArrived = max(probeArrived, number)
        if probeArrived >= probeNumber { releaseProbeWaiter() }
    }

    private func releaseProbeWaiter() {
        probeWaiter?.resume()
        probeWaiter = nil
    }

    /// Books holes that nobody else can fill as missed.
    func declareHoles(on command: RedisConnection) async throws {
        guard inFlight.isEmpty else { return }
        let now = intake.value.now
        let patience = HolePatience.milliseconds(others: otherLeases, trustedFor: now - hearingSince)
        var holes: [(source: Int, numbers: ClosedRange<UInt64>)] = []
        var arguments = RedisArguments()
        for (index, source) in intake.value.sources.enumerated() where source.range == nil {
            guard let hole = source.cursor.overdueHole(now: now, patience: patience, floor: hearingSince) else {
                continue
            }
            holes.append((index, hole))
            arguments.append(source.text)
            arguments.append(hole.lowerBound - 1)
            arguments.append(hole.upperBound)
        }
        guard !holes.isEmpty else { return }
        let reply = try await command.evaluate(
            Scripts.declare, keys: [settings.names.prefix(name)], arguments: arguments
        ).get()
        for (hole, fence) in zip(holes, try BatchEncoding.fences(reply)) { close(hole.source, hole.numbers, fence) }
    }

    private func close(_ source: Int, _ hole: ClosedRange<UInt64>, _ fence: UInt64?) {
        // While the script ran, events may have been handled: then the batch's own answer tells where we are.
        guard intake.value.sources[source].range == nil else { return }
        if fence == hole.upperBound {
            intake.value.figures.missed += UInt64(hole.count)
            logger.warning(
                "events missed",
                metadata: [
                    "source": "\(intake.value.sources[source].text)",
                    "numbers": "\(hole.lowerBound)-\(hole.upperBound)",
                ])
        }
        intake.value.settle(source, fence: fence)
        intake.value.drain(source)
    }
}

/// A replica's message to itself did not come back.
struct ProbeLost: Error, CustomStringConvertible {
    var description: String { "the subscription is deaf: a probe did not come back within 2 s; opening a new one" }
}
