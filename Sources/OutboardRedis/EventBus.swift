public import Logging
public import Outboard
public import ServiceLifecycle

/// (Interface agreed; bodies to be replaced.)
public final class EventBus: Service, Sendable {
    public init(_ configuration: BusConfiguration, logger: Logger = Logger(label: "outboard.bus")) throws {}

    /// Never waits, never fails for Redis's sake. Throws EventError if the payload cannot be encoded or is over 1 MiB.
    public func publish<Payload: EventPayload>(
        _ payload: Payload, key: String? = nil, traceparent: String? = nil
    ) throws {}

    public func run() async throws {}

    public var statistics: BusStatistics { BusStatistics() }
}

/// What a bus has done since its start, and whether it reaches Redis.
public struct BusStatistics: Sendable {
    public var accepted: UInt64 = 0
    public var acknowledged: UInt64 = 0
    public var dropped: UInt64 = 0
    public var buffered: UInt64 = 0
    public var connected = false
}
