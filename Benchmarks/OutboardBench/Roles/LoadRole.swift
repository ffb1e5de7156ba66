import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

/// Our publisher at a steady rate: the load for growing curves.
struct LoadRole: Codable, Sendable {
    let url: String
    let lanes: Int
    /// Events before the measured ones, so that every source has its fence; then this waits for `goKey`.
    let warmUp: Int
    let events: Int
    /// Events a second.
    let rate: Int
    /// How many different routes the events have.
    let routes: Int
    /// Bytes that the user agent has; none is sent for 0.
    let padding: Int

    /// Appears in Redis when everybody is warm.
    static let goKey = "bench-go"

    func run() async throws -> Sample {
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let publisher = Publisher(
            settings: PublisherSettings(
                redis: try RedisSettings(url: url), names: Bench.names, lanes: lanes, name: "load", host: "here"),
            eventLoop: loop, logger: Bench.logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await publisher.run() }
            try await PublisherRole.waitUntilConnected(publisher)
            try await LoadDriver.publish(warmUp, self, with: publisher, on: loop)
            try await waitForGo(on: loop)
            let watch = Stopwatch()
            try await LoadDriver.publish(events, self, with: publisher, on: loop)
            let sample = watch.sample(events: events)
            // The end of the publisher writes its last record.
            group.cancelAll()
            return sample
        }
    }

    private func waitForGo(on loop: any EventLoop) async throws {
        let connection = try await RedisConnection.connect(
            try RedisSettings(url: url), on: loop, logger: Bench.logger
        ).get()
        let deadline = ContinuousClock.now + .seconds(60)
        while try await connection.send(RedisCommand("EXISTS", Self.goKey)).get().int64() == 0 {
            guard ContinuousClock.now < deadline else { throw BenchError("nobody said go") }
            // Redis tells nobody when a key appears.
            try await Task.sleep(for: .milliseconds(20))
        }
        try await connection.close().get()
    }
}

/// Accepts every millisecond what is due by then.
private final class LoadDriver {
    private let load: LoadRole
    private let publisher: Publisher
    private let requests: [HTTPRequest]
    private let start = NIODeadline.now()
    private let done: EventLoopPromise<Void>
    private var accepted = 0

    private let events: Int
    /// Acknowledged events at which all of these are.
    private let end: UInt64

    private init(_ events: Int, _ load: LoadRole, _ publisher: Publisher, _ done: EventLoopPromise<Void>) {
        (self.events, self.load, self.publisher, self.done) = (events, load, publisher, done)
        end = publisher.statistics.accepted + UInt64(events)
        let agent = load.padding > 0 ? String(repeating: "a", count: load.padding) : nil
        requests = (0..<load.routes).map { number in
            HTTPRequest(
                method: "GET", path: "/users/4711", route: "/users/\(number)", status: 200, durationMicroseconds: 431,
                responseBytes: 10, userAgent: agent, requestID: "7c9e6679")
        }
    }

    static func publish(
        _ events: Int, _ load: LoadRole, with publisher: Publisher, on loop: any EventLoop
    ) async throws {
        let done = loop.makePromise(of: Void.self)
        let task = try await loop.submit {
            let driver = NIOLoopBound(LoadDriver(events, load, publisher, done), eventLoop: loop)
            return loop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { _ in driver.value.step() }
        }.get()
        defer { task.cancel() }
        try await done.futureResult.get()
    }

    private func step() {
        let statistics = publisher.statistics
        if statistics.acknowledged >= end { return done.succeed() }
        guard statistics.dropped == 0 else { return done.fail(BenchError("the outbox was too small")) }
        let elapsed = Double((NIODeadline.now() - start).nanoseconds) * 1e-9
        let due = min(events, Int(elapsed * Double(load.rate)))
        let time = Timestamp.now
        do {
            while accepted < due {
                try publisher.accept(requests[accepted % requests.count], key: nil, traceparent: nil, time: time)
                accepted += 1
            }
        } catch {
            done.fail(error)
        }
    }
}
