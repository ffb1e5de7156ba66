import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

/// Our publisher on its own event loop, with a backlog that never runs dry.
struct PublisherRole: Codable, Sendable {
    let url: String
    let events: Int
    /// Most events in one message; 1 for single objects.
    let batch: Int
    /// Events that are accepted and not acknowledged.
    let backlog: Int

    func run() async throws -> Sample {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        var settings = PublisherSettings(
            redis: try RedisSettings(url: url), names: Bench.names, lanes: Bench.lanes, name: "bench", host: "here")
        settings.limits.batch = batch
        let publisher = Publisher(settings: settings, eventLoop: loop, logger: Bench.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await Self.waitUntilConnected(publisher)
            try await PublishDriver.publish(events / 10, with: publisher, backlog: backlog, on: loop)
            let watch = Stopwatch()
            try await PublishDriver.publish(events, with: publisher, backlog: backlog, on: loop)
            let sample = watch.sample(events: events)
            group.cancelAll()
            return sample
        }
    }

    static func waitUntilConnected(_ publisher: Publisher) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !publisher.statistics.connected {
            guard ContinuousClock.now < deadline else { throw BenchError("the publisher does not connect") }
            // A publisher tells nobody when it is connected.
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// Accepts events on the publisher's event loop, as an HTTP server does: every millisecond as many as make the backlog
/// full again. Between two of them the publisher goes on by itself.
private final class PublishDriver {
    private let publisher: Publisher
    private let backlog: UInt64
    private let end: UInt64
    private let done: EventLoopPromise<Void>
    private let request = SampleEvent.request

    private init(_ publisher: Publisher, _ events: Int, _ backlog: Int, _ done: EventLoopPromise<Void>) {
        self.publisher = publisher
        self.backlog = UInt64(backlog)
        self.end = publisher.statistics.accepted + UInt64(events)
        self.done = done
    }

    static func publish(
        _ events: Int, with publisher: Publisher, backlog: Int, on loop: any EventLoop
    ) async throws {
        let done = loop.makePromise(of: Void.self)
        let task = try await loop.submit {
            let driver = NIOLoopBound(PublishDriver(publisher, events, backlog, done), eventLoop: loop)
            return loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { _ in driver.value.step() }
        }.get()
        defer { task.cancel() }
        try await done.futureResult.get()
    }

    private func step() {
        let statistics = publisher.statistics
        if statistics.acknowledged >= end { return done.succeed() }
        guard statistics.dropped == 0 else { return done.fail(BenchError("the outbox was too small")) }
        let room = backlog - (statistics.accepted - statistics.acknowledged)
        // The clock is read once a burst: reading it belongs to what makes the event.
        let time = Timestamp.now
        do {
            for _ in 0..<min(room, end - statistics.accepted) {
                try publisher.accept(request, key: nil, traceparent: nil, time: time)
            }
        } catch {
            done.fail(error)
        }
    }
}
