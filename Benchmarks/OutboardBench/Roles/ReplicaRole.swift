import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

/// Our replica: hears all lanes, decodes, counts as request-counter does, and applies to Redis every 50 ms.
struct ReplicaRole: Codable, Sendable {
    let url: String
    let warmUp: Int
    let events: Int
    var lanes = Bench.lanes

    private static let patience = Duration.seconds(60)
    /// Without a change of the counter for so long something was missed, or the load is over.
    private static let standstill = Duration.milliseconds(500)

    func run() async throws -> Sample {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        return try await withTaskExecutorPreference(EventLoopTaskExecutor(loop)) { try await run(on: loop) }
    }

    /// Asks on the replica's own event loop: a wait that went to another thread and back would cost more than it asks.
    private func run(on loop: any EventLoop) async throws -> Sample {
        let redis = try RedisSettings(url: url)
        let name = try PluginName(CountingPlugin.manifest.name)
        let settings = ReplicaSettings(redis: redis, names: Bench.names, lanes: lanes, host: "here", pid: 1)
        let replica = try await Replica(
            plugin: CountingPlugin(), name: name, settings: settings, eventLoop: loop, logger: Bench.logger
        ) { Role.say(Role.readyMark) }
        let connection = try await RedisConnection.connect(redis, on: loop, logger: Bench.logger).get()
        // Nobody waits for its end: a replica takes two seconds to leave, and this process ends with its sample.
        let serving = Task { try await replica.run() }
        defer { serving.cancel() }
        _ = try await waitUntilBooked(warmUp, name, connection, loop)
        Role.say(Role.warmMark)
        let watch = Stopwatch()
        let missed = try await waitUntilBooked(warmUp + events, name, connection, loop)
        var sample = watch.sample(events: events - missed)
        sample.missed = missed
        let counted = try await connection.send(
            RedisCommand("HGET", Bench.names.counters(name), "requests")
        ).get().int64()
        guard counted == warmUp + events - missed else {
            throw BenchError("the counter says \(counted) of \(warmUp + events), and \(missed) are booked as missed")
        }
        return sample
    }

    /// Waits until all events are in the books: handled, which is what the counter must say, or missed.
    ///
    /// The books are whole hashes, and reading them costs this process more than counting does. So it asks for the
    /// counter, and for the books only once that says all or stands still.
    ///
    /// - Returns: How many were missed.
    private func waitUntilBooked(
        _ count: Int, _ name: PluginName, _ connection: RedisConnection, _ loop: any EventLoop
    ) async throws -> Int {
        let deadline = ContinuousClock.now + Self.patience
        let counter = RedisCommand("HGET", Bench.names.counters(name), "requests")
        var last = 0
        var lastChange = ContinuousClock.now
        while true {
            let counted = Int(try await connection.send(counter).get().stringOrNil() ?? "") ?? 0
            if counted != last {
                last = counted
                lastChange = .now
            }
            if counted == count || lastChange + Self.standstill < .now {
                let sums = try await sums(of: [.handled, .failed, .missed], name, connection)
                if sums.reduce(0, +) == count { return sums[2] }
                guard ContinuousClock.now < deadline else {
                    throw BenchError("of \(count): handled \(sums[0]), failed \(sums[1]), missed \(sums[2])")
                }
            }
            // Redis tells nobody when a hash changes.
            try await loop.scheduleTask(in: .milliseconds(50)) {}.futureResult.get()
        }
    }

    private func sums(of books: [Book], _ name: PluginName, _ connection: RedisConnection) async throws -> [Int] {
        let replies = try await connection.pipeline(
            books.map { RedisCommand("HGETALL", Bench.names.book(name, $0)) }
        ).get()
        return try replies.map { book in
            try book.get().stringPairs().reduce(0) { $0 + (Int($1.1) ?? 0) }
        }
    }
}
