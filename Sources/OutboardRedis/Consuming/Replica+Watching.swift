import Logging
import NIOCore
import Outboard
import RedisClient

/// How a replica sees the others, and shares the lanes with them.
extension Replica {
    /// Looks who lives and follows the plan: joins and leaves lanes, takes over from the dead.
    func watch(_ connections: ReplicaConnections) async throws {
        roster = try await readRoster(on: connections.command)
        tick()
        let changes = plan.observe(roster, now: hot.intake.now)
        hurry(hot.intake.takeOver(changes.takeOver))
        hurry(hot.intake.follow(plan))
        if !changes.join.isEmpty {
            for lane in changes.join { hot.intake.open(lane) }
            try await connections.subscription.subscribe(channels(changes.join)).get()
            plan.confirm(changes.join)
            tick()
            for lane in changes.join { hot.intake.hear(lane) }
            hurry(hot.intake.follow(plan))
        }
        if !changes.leave.isEmpty {
            for lane in changes.leave { hot.intake.leave(lane) }
            try await connections.subscription.unsubscribe(channels(changes.leave)).get()
        }
        guard !changes.join.isEmpty || !changes.leave.isEmpty, state != .starting else { return }
        logger.debug(
            "lanes changed",
            metadata: [
                "replicas": "\(roster.live.count + 1)", "joined": "\(changes.join.count)",
                "left": "\(changes.leave.count)", "heard": "\(plan.heard.count)",
            ])
        try await trying(.presence) { try await writeHash(on: connections.command) }
    }

    /// Somebody has said something on the control channel.
    func heardControl(_ message: ControlMessage?) {
        guard let message, message.plugin == name.rawValue, message.replica != id else { return }
        switch message.kind {
        case .control: session.wantsControl = true
        case .judge: session.ask(message)
        case .joined, .left: break
        case .judged: return
        }
        session.watchPause.end()
    }

    func channels(_ lanes: [Int]) -> [String] {
        lanes.map { settings.names.events(type: P.Payload.eventType, lane: $0) }
    }

    // MARK: Private

    /// What has become due on some lanes should not wait for the next flush.
    private func hurry(_ isDue: Bool) {
        guard isDue else { return }
        session.wantsFences = true
        session.flushPause.end()
    }

    private func readRoster(on command: RedisConnection) async throws -> Roster {
        let key = settings.names.replicas(name, type: P.Payload.eventType)
        let leases = try await command.send(RedisCommand("ZRANGE", key, "0", "-1", "WITHSCORES")).get().stringPairs()
        var ends: [String: Int64] = [:]
        // Redis writes a score of milliseconds as a whole number; one that is none was not written by a replica.
        for (replica, score) in leases { ends[replica] = Int64(score) ?? 0 }
        if state != .starting, let own = ends[id], own < redisMilliseconds {
            logger.warning("the lease had lapsed; waits begin again")
            session.restartWaits(Self.monotonicMilliseconds)
        }
        let others = ends.keys.filter { $0 != id }.sorted()
        guard !others.isEmpty else { return Roster() }
        let probes = others.map { settings.names.probe(name, $0) }
        let replies = try await command.pipeline(
            [RedisCommand(words: ["PUBSUB", "NUMSUB"] + probes)]
                + others.map { RedisCommand("HGET", settings.names.replica(name, $0), "lanes") }
        ).get()
        let hearers = Dictionary(try replies[0].get().stringPairs()) { $1 }
        let texts = try replies.dropFirst().map { try $0.get().stringOrNil() ?? "" }
        let lanes = session.laneLists.read(Dictionary(zip(others, texts)) { $1 }, type: P.Payload.eventType)
        let peers = zip(others, probes).map { replica, probe in
            Roster.Peer(
                replica: replica, leaseEnd: ends[replica] ?? 0, isConnected: hearers[probe] != "0",
                lanes: lanes[replica] ?? [])
        }
        return Roster(peers: peers, redisNow: redisMilliseconds)
    }
}

/// The lanes that a replica hears, as its hash says: `type:lane` separated by spaces.
enum LaneList {
    static func text(_ lanes: [Int], type: String) -> String {
        lanes.map { "\(type):\($0)" }.joined(separator: " ")
    }

    static func lanes(_ text: String, type: String) -> Set<Int> {
        Set(
            text.split(separator: " ").compactMap { word in
                guard let colon = word.lastIndex(of: ":"), word[..<colon] == type else { return nil }
                return Int(word[word.index(after: colon)...])
            })
    }
}

/// What the others list, as last read: a list is long and changes seldom, so the same text is not taken apart twice.
struct LaneLists {
    private var known: [String: (text: String, lanes: Set<Int>)] = [:]

    /// - Parameter texts: Replica → what its hash says now; who is not among them is forgotten.
    mutating func read(_ texts: [String: String], type: String) -> [String: Set<Int>] {
        let before = known
        known = Dictionary(
            uniqueKeysWithValues: texts.map { replica, text in
                if let last = before[replica], last.text == text { return (replica, last) }
                return (replica, (text, LaneList.lanes(text, type: type)))
            })
        return known.mapValues { $0.lanes }
    }
}
