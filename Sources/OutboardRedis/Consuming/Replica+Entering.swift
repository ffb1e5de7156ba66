import NIOCore
import Outboard
import RedisClient

/// How a session begins: hear first, read then, and only then take part.
extension Replica {
    func enter(_ connections: ReplicaConnections) async throws {
        let command = connections.command
        try await BusAgreement.check(lanes: settings.lanes, names: settings.names, on: command)
        try await register(on: command)
        try await connections.subscription.subscribe([settings.names.control, settings.names.probe(name, id)]).get()
        try await readClock(on: command)
        tick()
        session.restartWaits(hot.intake.now)
        try await readControl(on: command)
        session.state = control.state
        switch session.state {
        case .enabled: try await hear(connections)
        case .disabled: try await readAllFences(on: command)
        }
        try await prove(on: command)
        (state, problem) = (session.state == .enabled ? .running : .disabled, "")
        wasDisabled = session.state == .disabled
        try await trying(.presence) {
            try await beat(on: command)
            try await announce(.joined, on: command)
        }
        announceReady()
    }

    /// Hears lanes, and then learns how far their sources are.
    private func hear(_ connections: ReplicaConnections) async throws {
        let command = connections.command
        breaker.begin(handled: hot.intake.figures.handled, failed: hot.intake.figures.failed)
        let fences = wasDisabled ? try await fences(on: command) : nil
        try await watch(connections)
        let heardAt = try await readClock(on: command)
        try await waitForRecords(on: command)
        try await readRetired(on: command)
        try await readRecords(on: command)
        try await readSince(heardAt, on: command)
        try await readAllFences(on: command)
        if let fences { hot.intake.resume(from: fences) }
    }

    private func register(on command: RedisConnection) async throws {
        let known = try await command.send(RedisCommand("GET", settings.names.manifest(name))).get()
        try ManifestRegistry.check(known, against: manifest)
        let json = try ManifestRegistry.json(manifest, of: P.self)
        let listed = try await command.send(RedisCommand("SISMEMBER", settings.names.plugins, name.rawValue)).get()
        // A Redis that is full takes no writes; one that knows all this already needs none.
        if try listed.int64() == 1, try known.stringOrNil() == json { return }
        let replies = try await command.pipeline([
            RedisCommand("SADD", settings.names.plugins, name.rawValue),
            RedisCommand("SET", settings.names.manifest(name), json),
        ]).get()
        for reply in replies { _ = try reply.get() }
    }

    @discardableResult
    func readClock(on command: RedisConnection) async throws -> Int64 {
        let now = try RedisClock.milliseconds(try await command.send(RedisCommand("TIME")).get())
        session.clockOffset = now - Self.monotonicMilliseconds
        return now
    }

    /// The first replica of a plugin lets publishers write their records once more before it reads them. A record that
    /// is 50 ms behind may still say 0 of a source that has begun; what came before the subscription would then be
    /// booked as missed instead of as baseline.
    private func waitForRecords(on command: RedisConnection) async throws {
        let known = try await command.send(
            RedisCommand("HGET", settings.names.since(name), P.Payload.eventType)
        ).get()
        // What began while the plugin was disabled is known by its record alone.
        guard try known.stringOrNil() == nil || wasDisabled else { return }
        await session.beatPause.wait(Cadence.records)
        try session.check()
    }

    func readSince(_ heardAt: Int64, on command: RedisConnection) async throws {
        var arguments = RedisArguments()
        arguments.append(P.Payload.eventType)
        arguments.append(heardAt)
        for source in records.unbegun(type: P.Payload.eventType, lanes: settings.lanes) { arguments.append(source) }
        since = try await command.evaluate(Scripts.since, keys: [settings.names.prefix(name)], arguments: arguments)
            .get().int64()
    }
}
