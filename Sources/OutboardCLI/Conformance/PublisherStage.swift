import Foundation
import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient
import Synchronization

/// A bus on which a publisher is run, with our own consumer, a subscription to all lanes, and `MONITOR`.
struct PublisherStage: Sendable {
    static let events = 500
    private static let runs = 2

    private enum Patience {
        static let end = Duration.seconds(60)
        static let start = Duration.seconds(20)
        /// For what Redis has to reach us.
        static let arrival = Duration.seconds(10)
        /// For our consumer's books to reach the record; where that is wrong it takes the patience of a hole.
        static let settling = Duration.seconds(8)
    }

    private let program: ConformanceProgram
    private let bus: ConformanceBus
    private let monitor: ChildProcess
    private let heard = Heard()

    private var marker: String { "\(bus.names.namespace):marker" }

    /// What the subscription brought.
    private final class Heard: Sendable {
        let messages = Mutex<[ObservedMessage]>([])
        let marks = Mutex(0)
    }

    /// Runs the program and tells what was seen of it.
    static func observe(_ program: ConformanceProgram) async throws -> PublisherObservation {
        try await ConformanceBus.with { bus in
            guard let cli = Executables.path(of: "redis-cli") else {
                throw UpFailure(
                    .usage, "redis-cli is not in PATH; install it (Debian and Ubuntu: apt-get install redis-tools)")
            }
            let monitor = try ChildProcess(URL(filePath: cli), arguments: ["-p", "\(bus.redis.port)", "monitor"])
            try await monitor.waitForLine(containing: "OK", within: Patience.start)
            let stage = PublisherStage(program: program, bus: bus, monitor: monitor)
            return try await stage.observe()
        }
    }

    private init(program: ConformanceProgram, bus: ConformanceBus, monitor: ChildProcess) {
        self.program = program
        self.bus = bus
        self.monitor = monitor
    }

    private func observe() async throws -> PublisherObservation {
        let subscription = try await subscribe()
        let consumer = try await ConformanceConsumer(on: bus)
        let observation = try await consumer.serving {
            var runs: [PublisherObservation.Run] = []
            for _ in 0..<Self.runs { runs.append(try await run(after: runs)) }
            let expected = Int64(Self.events * Self.runs)
            let account = try await settled(consumer.name, expected)
            let malformed = try await consumer.malformed()
            let cuts = try await runsThroughCuts(after: runs)
            return PublisherObservation(
                requested: Self.events, channels: bus.names.eventsPrefix(type: ScriptedPublisher.type),
                records: bus.names.publisher(""), runs: runs, cuts: cuts, account: account,
                malformed: malformed)
        }
        try await subscription.close().get()
        return observation
    }

    private func subscribe() async throws -> RedisSubscription {
        let (heard, marker) = (heard, Array(marker.utf8))
        let prefix = Array(bus.names.eventsPrefix(type: ScriptedPublisher.type).utf8)
        let settings = try RedisSettings(url: bus.redis.url)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let subscription = try await loop.flatSubmit {
            RedisSubscription.connect(
                settings, on: loop, logger: Logger(label: "conformance") { _ in SwiftLogNoOpLogHandler() }
            ) { channel, payload in
                if channel.elementsEqual(marker) { return heard.marks.withLock { $0 += 1 } }
                let lane = Int(String(decoding: channel.dropFirst(prefix.count), as: UTF8.self)) ?? -1
                heard.messages.withLock { $0.append(ObservedMessage(lane: lane, bytes: Array(payload))) }
            }
        }.get()
        let lanes = (0..<ConformanceBus.lanes).map { bus.names.events(type: ScriptedPublisher.type, lane: $0) }
        try await subscription.subscribe(lanes + [self.marker]).get()
        return subscription
    }

    // MARK: One run

    /// Two more runs, behind a proxy that cuts the connection at the first events: instead of passing them on, and
    /// instead of passing on what Redis answers to them.
    private func runsThroughCuts(after earlier: [PublisherObservation.Run]) async throws -> [PublisherObservation.Cut] {
        let events = bus.names.eventsPrefix(type: ScriptedPublisher.type)
        var runs = earlier
        var cuts: [PublisherObservation.Cut] = []
        for (place, arm) in [
            ("before its events reach Redis", { (proxy: TCPProxy) in proxy.loseRequest(containing: events) }),
            ("behind a lost reply", { (proxy: TCPProxy) in proxy.loseReply(toRequestContaining: events) }),
        ] {
            let proxy = try TCPProxy(to: bus.redis.port)
            defer { proxy.stop() }
            arm(proxy)
            let run = try await run(after: runs, url: proxy.url)
            runs.append(run)
            cuts.append(PublisherObservation.Cut(place: place, run: run, happened: proxy.lost > 0))
        }
        return cuts
    }

    private func run(
        after earlier: [PublisherObservation.Run], url: String? = nil
    ) async throws -> PublisherObservation.Run {
        var run = PublisherObservation.Run()
        let begin = "begin-\(earlier.count)"
        _ = try await bus.send("ECHO", begin)
        run.began = try await bus.now()
        let messages = heard.messages.withLock { $0.count }
        let child = try program.start(
            on: bus,
            [
                "OUTBOARD_EVENTS": "\(Self.events)", "OUTBOARD_REDIS_URL": url ?? bus.redis.url,
            ])
        do {
            run.exitCode = try await child.waitForExit(within: Patience.end)
        } catch is TestingError {}  // it was killed; `ends` says so
        run.ended = try await bus.now()
        run.output = child.lines.suffix(5)
        run.messages = Array(try await arrived().dropFirst(messages))
        run.events = run.messages.flatMap(\.events)
        run.commands = try await commands(since: begin, until: "end-\(earlier.count)")
        run.publishers = try await publishers(of: run, but: Set(earlier.flatMap(\.publishers).map(\.id)))
        return run
    }

    /// All messages: when our own mark comes back, everything that was published before it has come, too.
    private func arrived() async throws -> [ObservedMessage] {
        let marks = heard.marks.withLock { $0 }
        try await bus.publish([(marker, [])])
        try await bus.eventually("our own message on \(marker)", within: Patience.arrival) {
            heard.marks.withLock { $0 } > marks ? nil : "nothing"
        }
        return heard.messages.withLock { $0 }
    }

    private func commands(since begin: String, until end: String) async throws -> [MonitorLine] {
        _ = try await bus.send("ECHO", end)
        try await monitor.waitForLine(containing: "\"\(end)\"", within: Patience.arrival)
        let lines = monitor.lines
        let start = lines.lastIndex { $0.contains("\"\(begin)\"") } ?? lines.startIndex
        return lines[start...].compactMap { MonitorLine($0) }
    }

    private func publishers(
        of run: PublisherObservation.Run, but known: Set<String>
    ) async throws -> [PublisherObservation.Publisher] {
        let scores = try await bus.send("ZRANGE", bus.names.publishers, "0", "-1", "WITHSCORES").stringPairs()
        let heartbeats = Dictionary(scores) { $1 }
        let records = try await bus.send("KEYS", bus.names.publisher("*")).array().map { try $0.string() }
            .map { String($0.dropFirst(bus.names.publisher("").count)) }
        let sources = run.events.compactMap { EventSource($0.source)?.publisher }
        var publishers: [PublisherObservation.Publisher] = []
        for id in Set(Array(heartbeats.keys) + records + sources).subtracting(known).sorted() {
            publishers.append(
                PublisherObservation.Publisher(
                    id: id, record: try await bus.hash(bus.names.publisher(id)),
                    lifetime: try await bus.send("TTL", bus.names.publisher(id)).int64(),
                    heartbeat: heartbeats[id].flatMap { Int64($0) }))
        }
        return publishers
    }

    /// The books when they say what they should, or when it is clear that they will not.
    private func settled(_ plugin: PluginName, _ expected: Int64) async throws -> PluginAccount {
        do {
            try await bus.eventually("\(expected) handled", within: Patience.settling) {
                try await PluginAccount(of: plugin, on: bus)[.handled] == expected ? nil : "less"
            }
        } catch is Discrepancy {}  // the case that looks at the books tells what they say
        return try await PluginAccount(of: plugin, on: bus)
    }
}
