import Foundation
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient

/// What a user sees of a plugin: how long it takes to start, what it holds while idle, how soon a request is counted. The
/// plugin is the real `request-counter`.
struct PluginSuite {
    let bench: Bench

    enum Names {
        static let start = "request-counter: start, then idle"
        static let visible = "request-counter: accepted → counter in Redis"
    }

    /// Until the memory of an idle plugin is read.
    private static let rest = Duration.seconds(3)
    private static let patience = Duration.seconds(20)

    func measure() async throws -> Section {
        Section(
            .plugin, title: "Plugin (the program request-counter; seconds of a start, resident MiB when idle)",
            outcomes: try await Alternation.run(
                [
                    Contender(Names.start) { try await startTurn() },
                    Contender(Names.visible) { try await visibleTurn(events: bench.scaled(100)) },
                ], rounds: bench.rounds))
    }

    private func startPlugin() throws -> ChildProcess {
        guard let own = Bundle.main.executableURL else { throw BenchError("this program does not know its file") }
        let program = own.deletingLastPathComponent().appending(path: CountingPlugin.manifest.name)
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw BenchError(
                "\(program.path) is missing; build it: swift build -c release --product \(program.lastPathComponent)")
        }
        return try ChildProcess(program, environment: ["OUTBOARD_REDIS_URL": bench.redis.url])
    }

    private func startTurn() async throws -> Sample {
        try await bench.clear()
        let start = ContinuousClock.now
        let plugin = try startPlugin()
        try await waitForLanes()
        var sample = Sample(events: 1)
        sample.seconds = (ContinuousClock.now - start) / .seconds(1)
        // An idle plugin is one that had time to come to rest.
        try await Task.sleep(for: Self.rest)
        sample.peakMemoryBytes = try residentBytes(of: plugin)
        plugin.kill()
        try await plugin.waitForExit()
        return sample
    }

    /// Lanes are subscribed to in their order, so who hears the last one hears all.
    private func waitForLanes() async throws {
        let last = RedisCommand("PUBSUB", "NUMSUB", SampleEvent.channel(lane: Bench.lanes - 1))
        let deadline = ContinuousClock.now + Self.patience
        while try await bench.connection.send(last).get().stringPairs().first?.1 != "1" {
            guard ContinuousClock.now < deadline else { throw BenchError("the plugin hears no lane") }
        }
    }

    private func residentBytes(of process: ChildProcess) throws -> Int? {
        // Only Linux has it there; elsewhere the column stays empty.
        guard let text = try? String(contentsOfFile: "/proc/\(process.pid)/statm", encoding: .utf8) else { return nil }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? Int(fields[1]).map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) } : nil
    }

    private func visibleTurn(events: Int) async throws -> Sample {
        try await bench.clear()
        let plugin = try startPlugin()
        defer { plugin.kill() }
        try await waitForLanes()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let publisher = Publisher(
            settings: PublisherSettings(
                redis: try RedisSettings(url: bench.redis.url), names: Bench.names, lanes: Bench.lanes, name: "bench",
                host: "here"),
            eventLoop: loop, logger: Bench.logger)
        let waits = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await PublisherRole.waitUntilConnected(publisher)
            let warm = try await warmUp(publisher)
            var waits: [Double] = []
            for number in 1...events { waits.append(try await wait(for: warm + number, of: publisher)) }
            group.cancelAll()
            return waits.sorted()
        }
        var sample = Sample(events: events)
        sample.p99Milliseconds = waits[min(waits.count - 1, waits.count * 99 / 100)]
        return sample
    }

    /// Publishes on every lane: the first event of a lane waits longer, until its fence is there.
    ///
    /// - Returns: How many events it took.
    private func warmUp(_ publisher: Publisher) async throws -> Int {
        let last = Bench.lanes * 5 / 4
        // What has no key goes round all lanes, ten milliseconds each at least.
        for _ in 0..<last {
            try publisher.accept(SampleEvent.request, key: nil, traceparent: nil, time: .now)
            try await Task.sleep(for: .milliseconds(11))
        }
        let deadline = ContinuousClock.now + Self.patience
        while try await counted() < last {
            guard ContinuousClock.now < deadline else { throw BenchError("the warm-up is not counted") }
        }
        return last
    }

    private func counted() async throws -> Int {
        let name = try PluginName(CountingPlugin.manifest.name)
        let reply = try await bench.connection.send(RedisCommand("HGET", Bench.names.counters(name), "requests")).get()
        return Int(try reply.stringOrNil() ?? "") ?? 0
    }

    /// Publishes one event and asks for the counter until it says so.
    ///
    /// - Returns: Milliseconds.
    private func wait(for number: Int, of publisher: Publisher) async throws -> Double {
        // Flushes come every 50 ms; a pause of any length meets them at any moment.
        try await Task.sleep(for: .milliseconds(Int.random(in: 0..<50)))
        let start = ContinuousClock.now
        try publisher.accept(SampleEvent.request, key: nil, traceparent: nil, time: .now)
        while try await counted() < number {
            guard ContinuousClock.now < start + Self.patience else {
                throw BenchError("event \(number) is not counted")
            }
        }
        return (ContinuousClock.now - start) / .milliseconds(1)
    }
}
