import Outboard
import OutboardRedis
import RedisClient

/// Publishes events over a bus of its own, from its connection to the record that counts the last of them.
struct Publication {
    /// Events that may wait in the bus, far below what its buffer holds.
    private static let window: UInt64 = 5_000
    /// Without any progress for so long Redis is given up.
    private static let patience = Duration.seconds(10)
    private static let look = Duration.milliseconds(5)

    let bus: EventBus
    let type: String
    let data: JSONSlice
    let key: String?
    let count: Int

    /// - Returns: The publisher's id.
    /// - Throws: `RedisError` coded `.timedOut` if Redis did not take all, `EventError`, `SettingsError`.
    func run() async throws -> String {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [bus] in try await bus.run() }
            defer { group.cancelAll() }
            // Events that wait at the connection would be repeated until somebody hears them.
            try await wait("no connection came about") { $0.connected }
            for number in 0..<count {
                if number.isMultiple(of: 256) {
                    try await wait("it takes no more events") { $0.buffered < Self.window }
                }
                do {
                    try bus.publish(data, type: type, key: key)
                } catch let error as EventError { throw SettingsError(["the event: \(error)"]) }
            }
            try await wait("it has not acknowledged all events") { $0.buffered == 0 }
            return bus.publisherID
        }
    }

    private func wait(_ problem: String, until holds: (BusStatistics) -> Bool) async throws {
        var last = bus.statistics
        var deadline = ContinuousClock.now + Self.patience
        while true {
            let now = bus.statistics
            if holds(now) { return }
            if now != last { deadline = .now + Self.patience }
            last = now
            guard ContinuousClock.now < deadline else {
                throw RedisError(
                    code: .timedOut,
                    message: "\(problem) within \(Self.patience); \(now.acknowledged) of \(count) events are sent")
            }
            try await Task.sleep(for: Self.look)
        }
    }
}
