import OutboardRedis
import RedisClient

/// A publisher that does what a case says, by plain commands: it may also lie, and leave things out.
struct ScriptedPublisher: Sendable {
    static let type = "http.request"

    let bus: ConformanceBus
    let id: String

    /// Registers as docs/protocol.md says: `started`, and a record of every lane.
    ///
    /// - Parameter recorded: Lane → what the record says of it instead of 0.
    init(on bus: ConformanceBus, recorded: [Int: Int] = [:]) async throws {
        self.bus = bus
        let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        id = "conformance-" + String(repeating: "0", count: 16 - digits.count) + digits
        let key = bus.names.publisher(id)
        let lanes = (0..<ConformanceBus.lanes).flatMap {
            [RedisNames.recorded(type: Self.type, lane: $0), "\(recorded[$0] ?? 0)"]
        }
        let now = try await bus.now()
        try await bus.send([
            RedisCommand("HSETNX", bus.names.bus, RedisNames.lanes, "\(ConformanceBus.lanes)"),
            RedisCommand("HSETNX", key, RedisNames.Record.started, "\(now)"),
            RedisCommand(
                words: ["HSET", key, RedisNames.Record.name, "conformance", RedisNames.Record.host, "localhost"]
                    + lanes),
            RedisCommand("ZADD", bus.names.publishers, "\(now)", id),
        ])
    }

    func source(_ lane: Int) -> String { "/\(id)/\(Self.type)/\(lane)" }

    func event(_ number: Int, lane: Int, status: Int = 200) -> WireEvent {
        WireEvent(source: source(lane), number: number, status: status)
    }

    /// Publishes events one a message, and counts them in the record.
    func send(_ numbers: ClosedRange<Int>, lane: Int, status: Int = 200) async throws {
        try await publish(numbers.map { event($0, lane: lane, status: status).json }, lane: lane)
        try await record(numbers.upperBound, lane: lane)
    }

    /// Publishes messages as they are; the record says nothing of them.
    func publish(_ messages: [String], lane: Int) async throws {
        let channel = bus.names.events(type: Self.type, lane: lane)
        try await bus.publish(messages.map { (channel, Array($0.utf8)) })
    }

    /// Says that so many were published in a lane, whether that is so or not.
    func record(_ number: Int, lane: Int) async throws {
        let field = RedisNames.recorded(type: Self.type, lane: lane)
        _ = try await bus.send("HSET", bus.names.publisher(id), field, "\(number)")
        _ = try await bus.send("ZADD", bus.names.publishers, "\(try await bus.now())", id)
    }

    /// An array of events, as under backlog.
    static func batch(_ events: [WireEvent]) -> String { "[\(events.map(\.json).joined(separator: ","))]" }
}
