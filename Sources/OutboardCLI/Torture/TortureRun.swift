import Foundation
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient

/// One torture from start to certificate: a Redis of its own, publishers, replicas, faults by plan, then quiet, then
/// the account.
struct TortureRun: Sendable {
    private enum Patience {
        /// For the publishers to get rid of what waits.
        static let sending = Duration.seconds(60)
        /// For the books to reach the records: a hole waits 3 s, a replica that was away a lease more.
        static let settling = Duration.seconds(90)
        static let look = Duration.milliseconds(200)
    }

    let settings: Certificate.Settings
    let program: URL
    let say: @Sendable (String) -> Void

    private let names = RedisNames()

    func run() async throws -> Certificate {
        let redis = try await ThrowawayRedis.start(appendOnly: true)
        let result: Result<Certificate, any Error>
        do {
            let fleet = try ReplicaFleet(program: program, redisPort: redis.port, folder: redis.folder)
            do {
                result = .success(try await run(redis, fleet))
            } catch {
                await fleet.abandon()
                throw error
            }
        } catch { result = .failure(error) }
        try redis.stop()
        return try result.get()
    }

    private func run(_ redis: ThrowawayRedis, _ fleet: ReplicaFleet) async throws -> Certificate {
        try await fleet.start(settings.replicas)
        let load = EventLoad(
            redis: try RedisSettings(url: redis.url), names: names, publishers: settings.publishers,
            rate: settings.rate, seconds: settings.seconds)
        let faults = try await torture(redis, fleet, load)
        say("quiet; waiting until the books reach the records")
        let plugin = try PluginName(program.lastPathComponent)
        let account = Certificate.Account(published: await load.published, expected: await load.expected)
        _ = try await settled(plugin, redis, account)
        try await fleet.end()
        // Once more: what the replicas did last counts, too.
        let (audit, counters) = try await read(plugin, redis)
        return Certificate(
            settings: settings, faults: faults, account: account, counters: counters, audit: audit,
            problems: await fleet.problems
                + (load.waiting == 0 ? [] : ["\(load.waiting) events were never sent"]))
    }

    // MARK: Torture

    /// - Returns: The faults that were done.
    private func torture(
        _ redis: ThrowawayRedis, _ fleet: ReplicaFleet, _ load: EventLoad
    ) async throws -> [FaultKind: Int] {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await load.serve() }
            let faults = try await withThrowingTaskGroup(of: Void.self) { publishing in
                publishing.addTask { try await load.publish() }
                let faults = try await inject(FaultInjector(redis: redis, fleet: fleet))
                publishing.cancelAll()
                return faults
            }
            try await fleet.calm(settings.replicas)
            let deadline = ContinuousClock.now + Patience.sending
            while load.waiting > 0, ContinuousClock.now < deadline {
                // Nobody announces that a buffer has run empty.
                try await Task.sleep(for: Patience.look)
            }
            group.cancelAll()
            return faults
        }
    }

    private func inject(_ injector: FaultInjector) async throws -> [FaultKind: Int] {
        let plan = FaultPlan(
            seed: settings.seed, milliseconds: settings.seconds * 1_000, replicas: settings.replicas,
            crowd: settings.crowd)
        let start = ContinuousClock.now
        var done: [FaultKind: Int] = [:]
        for step in plan.steps {
            try await Task.sleep(until: start + .milliseconds(step.at), clock: .continuous)
            try await injector.fleet.sweep()
            let worked = try await injector.perform(step.fault)
            if worked, let kind = step.fault.kind { done[kind, default: 0] += 1 }
            let seconds = (Double(step.at) / 1_000).formatted(.number.precision(.fractionLength(1)))
            say("\(seconds) s  \(step.fault)\(worked ? "" : " (not possible)")")
        }
        try await Task.sleep(until: start + .seconds(settings.seconds), clock: .continuous)
        try await injector.fleet.sweep()
        return done
    }

    // MARK: Account

    /// Waits until every fence has reached its record, or patience runs out; the certificate then says what is missing.
    private func settled(
        _ plugin: PluginName, _ redis: ThrowawayRedis, _ account: Certificate.Account
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + Patience.settling
        while ContinuousClock.now < deadline {
            let (audit, _) = try await read(plugin, redis)
            let applied = audit.sum[.applied] &+ audit.forgotten[.applied]
            if audit.inFlight == 0, applied == account.published { return true }
            // Redis tells nobody when a hash has changed.
            try await Task.sleep(for: Patience.look)
        }
        return false
    }

    private func read(
        _ plugin: PluginName, _ redis: ThrowawayRedis
    ) async throws -> (PluginAudit, Certificate.Counters) {
        let connection = try await RedisConnection.connect(
            RedisSettings(url: redis.url), on: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "torture") { _ in SwiftLogNoOpLogHandler() }
        ).get()
        let audit = PluginAudit(try await BookReader(names: names, redis: connection).books(of: plugin))
        let requests = try await connection.send(RedisCommand("HGET", names.counters(plugin), "requests")).get()
        let routes = try await connection.send(RedisCommand("HGETALL", names.counterFamily(plugin, "route"))).get()
        var counters = Certificate.Counters(requests: requests == .null ? 0 : try requests.int64())
        for (route, number) in try routes.stringPairs() { counters.buckets[route] = Int64(number) ?? -1 }
        try await connection.close().get()
        return (audit, counters)
    }
}
