import Foundation
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

/// One measurement on a bus of its own in somebody's Redis: another namespace, which is deleted at the end.
struct BenchRun {
    private static let patience = Duration.seconds(30)
    private static let gentleEvents = 1_000
    /// Events under way between this process's publisher and its replica: enough that neither waits, and far less than
    /// the 32 MiB that Redis keeps for a subscriber before it cuts that off.
    private static let window: UInt64 = 32_768
    /// What is not handled by then was missed.
    private static let longestWay = Duration.seconds(1)

    let configuration: BusConfiguration
    /// Seconds of full speed.
    let seconds: Int

    private static let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }

    func run() async throws -> BenchResult {
        let name = try PluginName(BenchPlugin.manifest.name)
        let (ages, ready) = (AgeBoard(), ReadyBoard(waitingFor: ["replica"]))
        let replica = try await OutboardRedis.Replica(
            plugin: BenchPlugin(ages: ages), name: name, settings: configuration.replica,
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: Self.logger,
            onReady: { ready.markReady("replica") })
        let bus = try EventBus(configuration, logger: Self.logger)
        return try await BusOptions.withConnection(configuration) { redis in
            let result: Result<BenchResult, any Error>
            do {
                result = .success(
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await replica.run() }
                        group.addTask { try await bus.run() }
                        defer { group.cancelAll() }
                        guard await ready.isComplete(within: Self.patience) else {
                            throw RedisError(code: .timedOut, message: "the bus did not come about within 30 s")
                        }
                        return try await measure(bus, ages, name, redis)
                    })
            } catch { result = .failure(error) }
            // The replica writes its goodbye first; what it leaves behind is swept away.
            try await sweep(redis)
            return try result.get()
        }
    }

    private func measure(
        _ bus: EventBus, _ ages: AgeBoard, _ name: PluginName, _ redis: RedisConnection
    ) async throws -> BenchResult {
        // The first event of each lane waits until its source has a fence; that is over then. Keys reach all lanes at once:
        // with sixteen for each, one of 256 is left out once in 35 000 runs.
        let first = configuration.lanes * 16
        for number in 0..<first { try bus.publish(BenchEvent(number: number, text: ""), key: "\(number)") }
        try await settle(first, name, redis)
        ages.open()
        try await publish(Self.gentleEvents, on: bus, pause: .milliseconds(1))
        var published = first + Self.gentleEvents
        try await settle(published, name, redis)
        let latency = BenchResult.Latency(ages: ages.close())

        let (cpu, server, start) = (Self.ownCPU, try await serverCPU(redis), ContinuousClock.now)
        var events = 0
        while ContinuousClock.now < start + .seconds(seconds) {
            try await publish(1_024, on: bus, pause: nil)
            events += 1_024
            let deadline = ContinuousClock.now + Self.longestWay
            while bus.statistics.accepted > ages.handled + Self.window, ContinuousClock.now < deadline {
                try await Task.sleep(for: .microseconds(200))
            }
        }
        published += events
        let missed = try await settle(published, name, redis)
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        return BenchResult(
            redis: try await info("server", redis)["redis_version"] ?? "of an unknown version", latency: latency,
            events: events, seconds: elapsed, missed: missed,
            ours: .init(cpuSeconds: Self.ownCPU - cpu, seconds: elapsed, events: events),
            server: .init(cpuSeconds: try await serverCPU(redis) - server, seconds: elapsed, events: events))
    }

    private func publish(_ count: Int, on bus: EventBus, pause: Duration?) async throws {
        let text = String(repeating: "x", count: 100)
        for number in 0..<count {
            try bus.publish(BenchEvent(number: number, text: text))
            if let pause { try await Task.sleep(for: pause) }
        }
    }

    /// Waits until so many events are dealt with.
    ///
    /// - Returns: How many of them were missed.
    @discardableResult
    private func settle(_ count: Int, _ name: PluginName, _ redis: RedisConnection) async throws -> Int {
        let deadline = ContinuousClock.now + Self.patience
        let reader = BookReader(names: configuration.names, redis: redis)
        while true {
            let sums = BookSums(PluginAudit(try await reader.books(of: name)))
            if sums.applied >= Int64(count) { return Int(sums.missed) }
            guard ContinuousClock.now < deadline else {
                throw RedisError(
                    code: .timedOut, message: "\(sums.applied) of \(count) events are dealt with after 30 s")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: Redis

    private func serverCPU(_ redis: RedisConnection) async throws -> Double {
        let fields = try await info("cpu", redis)
        return ["used_cpu_user", "used_cpu_sys"].reduce(0) { $0 + (fields[$1].flatMap(Double.init) ?? 0) }
    }

    private func info(_ section: String, _ redis: RedisConnection) async throws -> [String: String] {
        let text = try await redis.send(RedisCommand("INFO", section)).get().string()
        let pairs = text.split(whereSeparator: \.isNewline).compactMap { line -> (String, String)? in
            let parts = line.split(separator: ":", maxSplits: 1)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        return Dictionary(pairs) { $1 }
    }

    /// Deletes the namespace, which is ours alone.
    private func sweep(_ redis: RedisConnection) async throws {
        let names = configuration.names
        let keys = try await PluginReader(names: names, redis: redis).keys(beginningWith: "\(names.namespace):")
        for start in stride(from: 0, to: keys.count, by: 500) {
            let some = keys[start..<min(start + 500, keys.count)]
            _ = try await redis.send(RedisCommand(words: ["UNLINK"] + some)).get()
        }
    }

    /// Seconds of CPU of this process, all threads.
    private static var ownCPU: Double {
        var time = timespec()
        // It fails for a clock that there is not only.
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
