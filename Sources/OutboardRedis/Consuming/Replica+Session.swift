import Logging
import NIOCore
import Outboard
import RedisClient

extension Replica {
    func runSession(_ succeeded: () -> Void) async throws {
        session = ReplicaSession(on: eventLoop)
        plan.reset()
        let command = try await RedisConnection.connect(settings.redis, on: eventLoop, logger: logger).get()
        let subscription: RedisSubscription
        do {
            subscription = try await subscribe()
        } catch {
            try? await command.close().get()  // it is of no use alone
            throw error
        }
        let connections = ReplicaConnections(command: command, subscription: subscription)
        session.reading = SubscriptionReading(of: subscription)
        endWith(connections)
        try await withTaskCancellationHandler {
            do {
                try await enter(connections)
                succeeded()
                try await serve(connections)
            } catch {
                if Task.isCancelled { await leave(connections) } else { await showFailure(error, on: command) }
                await connections.close()
                throw error
            }
            await connections.close()
        } onCancel: {
            // Nothing that hangs may keep a replica that was asked to go.
            eventLoop.scheduleTask(in: Cadence.lastMoment) { connections.cut() }
        }
    }

    /// What Redis refuses at the beginning of a session ends it; whoever looks should see why.
    private func showFailure(_ error: any Error, on command: RedisConnection) async {
        guard let error = error as? RedisError, [.serverReply, .unexpectedReply].contains(error.code) else { return }
        state = .failed
        problem = "\(error)"
        try? await writeHash(on: command)  // Redis may refuse this, too; the log has it
    }

    private func subscribe() async throws -> RedisSubscription {
        let box = box
        let prefix = Array(settings.names.eventsPrefix(type: P.Payload.eventType).utf8)
        let control = Array(settings.names.control.utf8)
        let (redis, logger, eventLoop, lanes) = (settings.redis, logger, eventLoop, settings.lanes)
        return try await eventLoop.flatSubmit {
            let hot = box.value
            return RedisSubscription.connect(redis, on: eventLoop, logger: logger) { [weak self] channel, payload in
                hot.intake.heard += 1
                if let lane = LaneChannel.lane(channel, prefix: prefix), lane < lanes {
                    hot.intake.receive(payload, lane: lane)
                    if hot.intake.backlog.isDue { self?.assumeIsolated { $0.relieve() } }
                } else if control.withUnsafeBytes({ Bytes.equal($0, channel) }) {
                    let message = ControlMessage(payload)
                    self?.assumeIsolated { $0.heardControl(message) }
                } else if let number = UInt64(String(decoding: payload, as: UTF8.self)) {
                    self?.assumeIsolated { $0.heardProbe(number) }
                }
            }
        }.get()
    }

    /// The session ends with either of its connections, at once.
    private func endWith(_ connections: ReplicaConnections) {
        for closed in [connections.command.closed, connections.subscription.closed] {
            closed.hop(to: eventLoop).whenComplete { [weak self] _ in
                self?.assumeIsolated {
                    $0.session.breakOff(RedisError(code: .connectionClosed, message: "a connection to Redis ended"))
                }
            }
        }
    }

    // MARK: Serving

    /// Flushes, watches and beats until something breaks or the task is cancelled.
    private func serve(_ connections: ReplicaConnections) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.flushAgain(connections) }
            group.addTask { try await self.watchAgain(connections) }
            group.addTask { try await self.beatAgain(connections) }
            try await group.next()
        }
    }

    private func flushAgain(_ connections: ReplicaConnections) async throws {
        while true {
            await session.flushPause.wait(Cadence.flush)
            try session.check()
            try await work(on: connections.command)
        }
    }

    private func watchAgain(_ connections: ReplicaConnections) async throws {
        while true {
            await session.watchPause.wait(Cadence.watch)
            try session.check()
            try await followControl(connections)
            try await answerQuestions(on: connections.command)
            // A replica of a disabled plugin shares nothing with anybody.
            if session.state == .enabled { try await watch(connections) }
        }
    }

    private func beatAgain(_ connections: ReplicaConnections) async throws {
        while true {
            await session.beatPause.wait(Cadence.heartbeat)
            try session.check()
            let command = connections.command
            try await readClock(on: command)
            noteTimes()
            try await trying(.breaker) { try await breakCircuit(on: command) }
            try await trying(.presence) {
                try await prove(on: command)
                try await beat(on: command)
            }
            try await trying(.forgetting) { try await forgetPublishers(on: command) }
        }
    }

    /// What is due at every flush: fences, what was held, effects, holes.
    func work(on command: RedisConnection) async throws {
        tick()
        try await trying(.fences) {
            try await readDueFences(on: command)
            hot.intake.advance()
            try await admitSources(on: command)
        }
        try await trying(.effects) { try await flush(on: command) }
        try await trying(.holes) { try await declareHoles(on: command) }
        hot.intake.forgetUnheard()
    }
}

/// Reads the number of a lane at the end of a channel's name.
enum LaneChannel {
    static func lane(_ channel: UnsafeRawBufferPointer, prefix: [UInt8]) -> Int? {
        guard channel.count > prefix.count, channel.count <= prefix.count + 6 else { return nil }
        let head = UnsafeRawBufferPointer(rebasing: channel[..<prefix.count])
        guard prefix.withUnsafeBytes({ Bytes.equal($0, head) }) else { return nil }
        var lane = 0
        for byte in channel[prefix.count...] {
            guard byte.isDigit else { return nil }
            lane = lane * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return lane
    }
}
