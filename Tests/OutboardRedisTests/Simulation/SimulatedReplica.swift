import Logging
import Outboard

@testable import OutboardRedis

/// A replica without tasks and sockets: the same rules in the same order as `Replica`, driven by a manual clock.
final class SimulatedReplica {
    enum Life {
        case connected
        /// Its connections are gone until then.
        case cut(until: Int64)
        /// Its process stands still until then; what it is sent waits.
        case stopped(until: Int64)
        /// It was asked to go, and has gone then.
        case draining(until: Int64)
        case dead
    }

    let name: String
    private(set) var life: Life
    private var intake: Intake
    private var plan: HearingPlan
    private var roster = Roster()
    private var subscribed: Set<Int> = []
    private var backlog: [(lane: Int, bytes: [UInt8])] = []
    private var trustedSince: Int64
    private var lastTick: Int64
    private var nextFences: Int64 = 0
    private var nextWatch: Int64 = 0
    private var nextBeat: Int64 = 0

    init(_ name: String, lanes: Int, now: Int64, redis: inout SimulatedRedis, others: [SimulatedReplica]) {
        self.name = name
        self.life = .connected
        self.intake = Intake(
            plugin: Tally(), lanes: lanes, logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() })
        self.plan = HearingPlan(lanes: lanes, holders: 2, replica: name) { lane, replica in
            LaneWeight.of(type: "t", lane: lane, replica: replica)
        }
        self.trustedSince = now
        self.lastTick = now
        enter(now, &redis, others)
    }

    var isConnected: Bool {
        switch life {
        case .connected, .draining, .stopped: true
        case .cut, .dead: false
        }
    }

    var isDead: Bool { if case .dead = life { true } else { false } }
    var isWell: Bool { if case .connected = life { true } else { false } }

    // MARK: What happens to it

    func hear(_ lane: Int, _ bytes: [UInt8]) {
        guard isConnected, subscribed.contains(lane) else { return }
        if case .stopped = life { return backlog.append((lane, bytes)) }
        bytes.withUnsafeBytes { intake.receive($0, lane: lane) }
    }

    func kill(_ redis: inout SimulatedRedis) {
        life = .dead
        subscribed = []
        redis.listed[name] = nil
    }

    func cut(until: Int64) {
        lose([])
        life = .cut(until: until)
    }

    func stop(until: Int64) {
        life = .stopped(until: until)
    }

    func drain(_ now: Int64, _ redis: inout SimulatedRedis) {
        life = .draining(until: now + Cadence.drain)
        redis.leases[name] = now
        plan.drain()
        nextWatch = now
    }

    // MARK: What it does

    func step(_ now: Int64, _ redis: inout SimulatedRedis, _ others: [SimulatedReplica], losesReply: Bool) {
        switch life {
        case .dead: return
        case .cut(let until), .stopped(let until):
            guard now >= until else { return }
            if case .cut = life { return enter(now, &redis, others) }
            life = .connected
            for (lane, bytes) in backlog { bytes.withUnsafeBytes { intake.receive($0, lane: lane) } }
            backlog = []
        case .connected, .draining: break
        }
        tick(now)
        if now >= nextWatch { watch(now, &redis, others) }
        work(now, &redis, losesReply: losesReply)
        if case .draining(let until) = life {
            guard now >= until else { return }
            return finish(now, &redis)
        }
        if now >= nextBeat, isConnected { beat(now, &redis) }
    }

    private func enter(_ now: Int64, _ redis: inout SimulatedRedis, _ others: [SimulatedReplica]) {
        life = .connected
        plan.reset()
        tick(now)
        trustedSince = now
        watch(now, &redis, others)
        for (text, fence) in redis.fences { settle(text, fence) }
        beat(now, &redis)
    }

    private func tick(_ now: Int64) {
        intake.now = now
        if now - lastTick > Cadence.stall { trustedSince = now }
        lastTick = now
    }

    private func watch(_ now: Int64, _ redis: inout SimulatedRedis, _ others: [SimulatedReplica]) {
        nextWatch = now + 250
        let peers = others.filter { $0 !== self }.compactMap { other in
            redis.leases[other.name].map { end in
                Roster.Peer(
                    replica: other.name, leaseEnd: end, isConnected: other.isConnected,
                    lanes: redis.listed[other.name] ?? [])
            }
        }
        roster = Roster(peers: peers, redisNow: now)
        let changes = plan.observe(roster, now: now)
        _ = intake.takeOver(changes.takeOver)
        subscribed.formUnion(changes.join)
        plan.confirm(changes.join)
        for lane in changes.join { intake.hear(lane) }
        _ = intake.follow(plan)
        for lane in changes.leave { intake.leave(lane) }
        subscribed.subtract(changes.leave)
        nextFences = now
        if redis.listed[name] != nil { redis.listed[name] = Set(plan.heard) }
    }

    private func beat(_ now: Int64, _ redis: inout SimulatedRedis) {
        nextBeat = now + 1_000
        redis.leases[name] = now + Lease.milliseconds
        redis.listed[name] = Set(plan.heard)
        for (text, number) in redis.records {
            guard let source = EventSource(text),
                number > 0 || intake.knows(publisher: source.publisher, lane: source.lane)
            else { continue }
            let index = intake.addSource(publisher: source.publisher, lane: source.lane)
            intake.sources[index].recorded = number
        }
        intake.noteAbsent(intake.recordedNumbers, heardBefore: now)
    }

    private func work(_ now: Int64, _ redis: inout SimulatedRedis, losesReply: Bool) {
        if now >= nextFences || intake.hasUnsettled {
            nextFences = now + Cadence.fences
            intake.hasUnsettled = false
            for index in intake.unsettled {
                settle(intake.sources[index].text, redis.fences[intake.sources[index].text])
            }
        }
        intake.advance()
        for index in intake.sources.indices {
            let source = intake.sources[index]
            // Every publisher of a simulation began behind the plugin.
            guard source.cursor.next == nil, source.cursor.heldCount > 0 || (source.recorded ?? 0) > 0,
                intake.lanes[source.lane].isHeard
            else { continue }
            settle(source.text, redis.admit(source.text, 0))
        }
        flush(&redis, losesReply: losesReply)
        guard isConnected else { return }
        let patience = HolePatience.milliseconds(others: roster.remembered, trustedFor: now - trustedSince)
        for hole in intake.overdueHoles(patience: patience, trustedSince: trustedSince) {
            let (fence, isBooked) = redis.declare(intake.sources[hole.source].text, hole.numbers)
            intake.close(hole, fence: fence, isBooked: isBooked)
        }
        intake.forgetUnheard()
    }

    private func flush(_ redis: inout SimulatedRedis, losesReply: Bool) {
        let groups = intake.seal()
        guard !groups.isEmpty else { return }
        let outcomes = redis.apply(groups, intake.sources)
        if losesReply {
            lose(groups)
            life = .cut(until: intake.now + 100)
            return
        }
        var (refused, fences): ([Batch.Group], [Int: UInt64?]) = ([], [:])
        for (group, outcome) in zip(groups, outcomes) {
            switch outcome {
            case .applied: intake.applied(group)
            case .refused(let seen):
                refused.append(group)
                for (range, fence) in zip(group.ranges, seen) { fences.updateValue(fence, forKey: range.source) }
            }
        }
        if !refused.isEmpty { intake.refused(refused, fences: fences) }
    }

    private func finish(_ now: Int64, _ redis: inout SimulatedRedis) {
        for lane in intake.lanes.indices { intake.lanes[lane].rule = Standby.Rule() }
        for _ in 0..<5 {
            nextFences = now
            work(now, &redis, losesReply: false)
        }
        kill(&redis)
    }

    private func lose(_ groups: [Batch.Group]) {
        intake.suspend(groups)
        subscribed = []
    }

    private func settle(_ text: String, _ fence: UInt64?) {
        guard let source = EventSource(text) else { return }
        let index = intake.addSource(publisher: source.publisher, lane: source.lane)
        guard !intake.sources[index].isBatched else { return }
        intake.settle(index, fence: fence)
        intake.drain(index)
    }

    /// Bytes that it keeps for events; none at rest.
    var keptBytes: Int { intake.keptBytes }
}
