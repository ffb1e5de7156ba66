import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

/// What one would write without asking whether every event counts once: hears all lanes, decodes and counts with the same
/// code as our replica, and sends plain `HINCRBY` every 50 ms. No fence, no books, nothing kept, nobody on standby.
struct NaiveRole: Codable, Sendable {
    let url: String
    let warmUp: Int
    let events: Int

    private static let patience = Duration.seconds(60)

    /// Touched on the event loop only.
    private final class Counter {
        let plugin = CountingPlugin()
        var effects = Effects()
        var heard = 0
        private var chunk = ByteChunk(capacity: 256 << 10)

        func receive(_ payload: UnsafeRawBufferPointer) {
            guard let slice = copy(payload) else { return }
            EventScanner.withElement(in: slice) { element in
                guard let event = try? element.makeEvent(of: HTTPRequest.self, in: slice) else { return }
                effects.begin(time: event.time.microseconds, now: event.time.microseconds)
                // The plugin of the bench throws nothing, and every event of the bench is whole.
                try? plugin.effects(of: event, into: &effects)
                try? effects.commit()
                heard += 1
            }
        }

        private func copy(_ payload: UnsafeRawBufferPointer) -> ByteSlice? {
            if let slice = chunk.append(payload) { return slice }
            if !ByteChunk.reuse(&chunk) { chunk = ByteChunk(capacity: 256 << 10) }
            return chunk.append(payload)
        }

        func takeCommands(_ prefix: String) -> [RedisCommand] {
            var commands: [RedisCommand] = []
            effects.forEach { effect in
                commands.append(RedisCommand("HINCRBY", prefix + effect.key, effect.fieldText, "\(effect.value)"))
            }
            effects.removeAll()
            return commands
        }
    }

    func run() async throws -> Sample {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        return try await withTaskExecutorPreference(EventLoopTaskExecutor(loop)) { try await run(on: loop) }
    }

    private func run(on loop: any EventLoop) async throws -> Sample {
        let redis = try RedisSettings(url: url)
        let connection = try await RedisConnection.connect(redis, on: loop, logger: Bench.logger).get()
        let counter = try await loop.submit { NIOLoopBound(Counter(), eventLoop: loop) }.get()
        let subscription = try await loop.flatSubmit {
            let hot = counter.value
            return RedisSubscription.connect(redis, on: loop, logger: Bench.logger) { _, payload in hot.receive(payload)
            }
        }.get()
        try await subscription.subscribe((0..<Bench.lanes).map { SampleEvent.channel(lane: $0) }).get()
        Role.say(Role.readyMark)
        try await count(warmUp, counter, connection, loop)
        Role.say(Role.warmMark)
        let watch = Stopwatch()
        try await count(warmUp + events, counter, connection, loop)
        return watch.sample(events: events)
    }

    /// Flushes every 50 ms until so many events were heard.
    private func count(
        _ wanted: Int, _ counter: NIOLoopBound<Counter>, _ connection: RedisConnection, _ loop: any EventLoop
    ) async throws {
        let deadline = ContinuousClock.now + Self.patience
        let prefix = Bench.names.prefix(try PluginName(CountingPlugin.manifest.name))
        while true {
            try await loop.scheduleTask(in: .milliseconds(50)) {}.futureResult.get()
            let (heard, commands) = try await loop.submit {
                (counter.value.heard, counter.value.takeCommands(prefix))
            }.get()
            for reply in try await connection.pipeline(commands).get() { _ = try reply.get() }
            if heard == wanted { return }
            guard ContinuousClock.now < deadline else { throw BenchError("heard \(heard) of \(wanted) events") }
        }
    }
}
