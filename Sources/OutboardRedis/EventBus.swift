public import Logging
import NIOCore
import NIOPosix
public import Outboard
public import ServiceLifecycle
import Synchronization

/// Publishes events; what an application adds to itself in two lines.
///
/// ```swift
/// let bus = try EventBus(configuration)
/// try bus.publish(OrderPlaced(id: 7), key: "customer-42")
/// ```
///
/// Add it to the application's services: `run()` keeps the connection to Redis and, on a graceful shutdown, sends what
/// is still waiting, three seconds at most.
public final class EventBus: Service, Sendable {
    private let publisher: Publisher

    /// Makes a bus; nothing is connected before `run()`.
    ///
    /// - Parameters:
    ///   - configuration: Where Redis is and how the process is called.
    ///   - logger: Tells when Redis is lost and found.
    public init(_ configuration: BusConfiguration, logger: Logger = Logger(label: "outboard.bus")) throws {
        self.publisher = Publisher(
            settings: configuration.publisher, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
    }

    /// Publishes one event, from any thread; returns at once.
    ///
    /// While Redis is away up to 64 MiB of events wait (`OUTBOARD_BUFFER_BYTES`); then the oldest go, counted in
    /// `statistics.dropped` and visible to every consumer as holes in the numbering.
    ///
    /// - Parameters:
    ///   - payload: What happened.
    ///   - key: Events of this bus with equal keys reach consumers in order.
    ///   - traceparent: W3C trace context of what caused the event.
    /// - Throws: `EventError` if the payload has no JSON form or the event is over 1 MiB.
    public func publish<Payload: EventPayload>(
        _ payload: Payload, key: String? = nil, traceparent: String? = nil
    ) throws {
        try publisher.accept(payload, key: key, traceparent: traceparent, time: .now)
    }

    /// Publishes an event of any type whose data is JSON already, as a command line has it.
    ///
    /// - Returns: Its number, which is another one if the publisher's id changes before the event is sent.
    /// - Throws: `EventError` if the type is none or the event is over 1 MiB.
    @discardableResult
    package func publish(
        _ data: JSONSlice, type: String, key: String? = nil, traceparent: String? = nil
    ) throws -> EventNumber {
        try publisher.accept(data, type: type, key: key, traceparent: traceparent, time: .now)
    }

    /// Whether Redis has this event and the record that counts it.
    package func hasRecorded(_ event: EventNumber) -> Bool { publisher.hasRecorded(event) }

    /// The publisher's present id, under which its record lies in Redis.
    package var publisherID: String { publisher.id.text }

    /// Connects, and again whenever the connection breaks, until a graceful shutdown or a cancellation.
    ///
    /// - Throws: `SettingsError` if this process does not fit the bus, for example by its number of lanes.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.publisher.run() }
    }

    /// What was done so far.
    public var statistics: BusStatistics { publisher.statistics }
}

/// What a bus has done since its start, and whether it reaches Redis.
public struct BusStatistics: Sendable, Equatable {
    /// Events that got a number.
    public var accepted: UInt64
    /// Events that Redis has acknowledged; one that was sent twice counts twice.
    public var acknowledged: UInt64
    /// Events that went because the buffer was full.
    public var dropped: UInt64
    /// Events that wait, or that no record counts yet.
    public var buffered: UInt64
    /// Whether there is a connection over which events go.
    public var connected: Bool

    /// All zero unless said otherwise.
    public init(
        accepted: UInt64 = 0, acknowledged: UInt64 = 0, dropped: UInt64 = 0, buffered: UInt64 = 0,
        connected: Bool = false
    ) {
        self.accepted = accepted
        self.acknowledged = acknowledged
        self.dropped = dropped
        self.buffered = buffered
        self.connected = connected
    }
}
