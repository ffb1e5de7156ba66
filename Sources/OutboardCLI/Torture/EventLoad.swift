import Foundation
import Logging
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

/// Several publishers and what they published: an account of its own, against which the plugin's is held.
///
/// Each event names a bucket in its route, so the plugin's counters by route show an event that was counted twice even
/// where another one was lost. A few events are dated two days back, which makes their effects fail.
actor EventLoad {
    /// Events that one bucket of the account holds.
    private let bucketSize: Int
    private let rate: Int
    private let publishers: [Publisher]
    /// Bucket → events that should count if nothing is lost.
    private(set) var expected: [String: Int64] = [:]
    private(set) var published: Int64 = 0
    /// Events that fail, if anybody hears them.
    private(set) var doomed: Int64 = 0
    private var numbers: [Int]

    /// Buckets that fit into a family with room to spare (`OUTBOARD_MAX_FIELDS`, 10 000).
    private static let buckets = 5_000
    private static let tick = Duration.milliseconds(10)
    private static let ticksPerSecond = 100
    /// One event in so many fails.
    private static let doomedEvery: Int64 = 997

    /// - Parameter rate: Events a second of all publishers.
    init(redis: RedisSettings, names: RedisNames, publishers: Int, rate: Int, seconds: Int) {
        self.rate = rate
        bucketSize = max(1, rate * seconds * 2 / Self.buckets)
        numbers = [Int](repeating: 0, count: publishers)
        self.publishers = (0..<publishers).map { index in
            Publisher(
                settings: PublisherSettings(
                    redis: redis, names: names, lanes: LaneRule.defaultCount, name: "torture-\(index + 1)",
                    host: "torture"),
                eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "torture") { _ in SwiftLogNoOpLogHandler() })
        }
    }

    /// Keeps the publishers connected until the task is cancelled; they then flush.
    nonisolated func serve() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for publisher in publishers { group.addTask { try await publisher.run() } }
            try await group.waitForAll()
        }
    }

    /// Publishes at the rate until the task is cancelled. What a late tick owes, the next one publishes.
    func publish() async throws {
        let start = ContinuousClock.now
        while !Task.isCancelled {
            let elapsed = ContinuousClock.now - start
            let due = Int64((elapsed / Self.tick).rounded(.down)) * Int64(rate) / Int64(Self.ticksPerSecond)
            while published < due { try publishOne() }
            try? await Task.sleep(for: Self.tick)  // only a cancellation ends it early
        }
    }

    private func publishOne() throws {
        let index = Int(published % Int64(publishers.count))
        numbers[index] += 1
        let bucket = "/\(index + 1)/\(numbers[index] / bucketSize)"
        let isDoomed = published % Self.doomedEvery == Self.doomedEvery - 1
        let now = Timestamp.now
        let time = isDoomed ? Timestamp(microseconds: now.microseconds - 2 * 86_400_000_000) : now
        try publishers[index].accept(
            HTTPRequest(
                method: "P\(index + 1)", path: bucket, route: bucket, status: 200, requestID: "\(published)"),
            // A third of the events have a key, so that lanes are mixed within one flush.
            key: published.isMultiple(of: 3) ? "key-\(published % 61)" : nil, traceparent: nil, time: time)
        published += 1
        if isDoomed { doomed += 1 } else { expected[bucket, default: 0] += 1 }
    }

    /// Events that no record counts yet.
    nonisolated var waiting: UInt64 { publishers.reduce(0) { $0 + $1.statistics.buffered } }
    /// Events that went because a buffer was full.
    nonisolated var dropped: UInt64 { publishers.reduce(0) { $0 + $1.statistics.dropped } }
}
