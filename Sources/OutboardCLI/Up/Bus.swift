import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import Processes
import RedisClient

/// Everything that `outboard up` runs, from start to end: Redis first and last, the core and the services between.
struct Bus {
    private enum Patience {
        static let redis = Duration.seconds(30)
        static let ready = Duration.seconds(30)
    }

    let plan: UpPlan
    let configuration: BusConfiguration
    let folder: DataFolder
    let console: Console
    /// Where services may appear while it runs; nil where they were named one by one.
    let servicesFolder: String?

    /// Runs until a signal asks to stop.
    ///
    /// - Throws: `UpFailure`.
    func run() async throws {
        let stop = StopSignals()
        guard plan.redisURL == nil else {
            guard try await namedRedisAnswers(orStopsBy: stop) else { return }
            return try await runChildren(until: stop)
        }
        let redis = try ownRedis()
        let supervisor = Supervisor(children: [redis], console: console.widened(for: watch.children + [redis]))
        try await supervisor.run {
            guard try await redisAnswers(orStopsBy: stop) else { return }
            try await runChildren(until: stop)
        }
    }

    private var watch: ServiceWatch {
        ServiceWatch(plan: plan, servicesFolder: servicesFolder, board: folder.board)
    }

    private func runChildren(until stop: StopSignals) async throws {
        let watch = watch
        let children = watch.children
        let ready = ReadyBoard(waitingFor: children.map(\.label))
        let supervisor = Supervisor(
            children: children, console: console.widened(for: children), ready: ready, onCrash: show,
            changes: { present in
                let children = try await watch.next(after: present)
                note(watch)
                return children
            })
        note(watch)
        try await supervisor.run {
            await withDiscardingTaskGroup { group in
                group.addTask { await announce(ready) }
                await stop.first()
                group.cancelAll()
            }
            console.say("stopping")
        }
    }

    /// Lets the core say what runs; whatever else goes on without that.
    private func note(_ watch: ServiceWatch) {
        do { try watch.note() } catch { console.say("the admin API cannot say what runs: \(error)") }
    }

    /// Lets `outboard plugins` and `inspect` say why a service keeps ending.
    private func show(_ child: Child, _ notice: String) async {
        guard let service = child.label.split(separator: ".").first, let plugin = try? PluginName(String(service))
        else {
            return  // the core is no plugin
        }
        var bus = configuration
        if plan.redisURL == nil, let own = try? RedisSettings(url: plan.ownRedisURL) { bus.redis = own }
        await StartFailure.show(notice, of: plugin, bus)
    }

    private func announce(_ ready: ReadyBoard) async {
        if await ready.isComplete(within: Patience.ready) {
            console.say(plan.welcome)
        } else if !Task.isCancelled {
            let names = ready.pending.joined(separator: ", ")
            console.say("not ready after \(Patience.ready.components.seconds) s: \(names); see their lines above")
        }
    }

    private func ownRedis() throws -> Child {
        guard let server = ExecutableSearch.inPath("redis-server") else {
            throw UpFailure(
                .usage,
                "redis-server is not in PATH; install it (Debian and Ubuntu: apt-get install redis-server), or set "
                    + "OUTBOARD_REDIS_URL")
        }
        guard LoopbackPort.isFree(plan.redisPort) else {
            throw UpFailure(
                .usage,
                "port \(plan.redisPort) on 127.0.0.1 is taken, so no Redis can start there; stop what listens on it, "
                    + "give --redis-port, or set OUTBOARD_REDIS_URL to use it")
        }
        return plan.redis(server: server, data: folder.redis)
    }

    /// Waits for our Redis; false if a signal came first.
    private func redisAnswers(orStopsBy stop: StopSignals) async throws -> Bool {
        let port = plan.redisPort
        return try await holds(orStopsBy: stop) {
            let deadline = ContinuousClock.now + Patience.redis
            while !LoopbackPort.answersPing(port) {
                guard ContinuousClock.now < deadline else {
                    throw UpFailure(.redisUnreachable, "Redis on port \(port) does not answer; see its lines above")
                }
                // Redis tells nobody when it is up; each look is a connection attempt.
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    /// Waits for the Redis that OUTBOARD_REDIS_URL names; false if a signal came first.
    private func namedRedisAnswers(orStopsBy stop: StopSignals) async throws -> Bool {
        let settings = configuration.redis
        return try await holds(orStopsBy: stop) {
            let deadline = ContinuousClock.now + configuration.startTimeout
            var backoff = Backoff()
            var generator = SystemRandomNumberGenerator()
            while true {
                do {
                    return try await RedisConnection.connect(
                        settings, on: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "up")
                    ).get().close().get()
                } catch let error as RedisError {
                    guard ContinuousClock.now < deadline else {
                        throw UpFailure(
                            .redisUnreachable,
                            "OUTBOARD_REDIS_URL: Redis cannot be reached (\(error)); start it, or unset the variable to "
                                + "have one of its own")
                    }
                }
                try await Task.sleep(for: backoff.next(using: &generator))
            }
        }
    }

    /// Whether `condition` came to its end; false if a signal came first.
    private func holds(
        orStopsBy stop: StopSignals, _ condition: @escaping @Sendable () async throws -> Void
    ) async throws -> Bool {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await condition()
                return true
            }
            group.addTask {
                await stop.first()
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }
}
