/// One event: what happened (`data`), and the attributes of CloudEvents around it.
///
/// `source` and `id` together name an event; within a source the ids are 1, 2, 3 and so on. An event that came over the
/// bus makes its texts when they are asked for.
public struct Event<Payload: EventPayload>: Sendable {
    /// The number of the event in its source: 1 through 2^53 - 1.
    public let id: UInt64
    /// When it happened, by the publisher's clock.
    public let time: Timestamp
    /// What happened.
    public let data: Payload
    @usableFromInline let context: EventContext

    /// Makes an event, for tests of a plugin.
    ///
    /// - Parameters:
    ///   - data: What happened.
    ///   - id: The number in its source.
    ///   - source: `/<publisher>/<type>/<lane>`; lane 0 of the publisher `test` unless given.
    ///   - time: When it happened.
    ///   - partitionKey: Events of one publisher with equal keys keep their order.
    ///   - traceparent: The trace to which it belongs, in the form of W3C Trace Context.
    public init(
        _ data: Payload, id: UInt64 = 1, source: String? = nil, time: Timestamp = .now, partitionKey: String? = nil,
        traceparent: String? = nil
    ) {
        self.init(
            data, id: id, time: time,
            context: .made(
                source: source ?? "/test/\(Payload.eventType)/0", partitionKey: partitionKey,
                traceparent: traceparent))
    }

    // Inlinable, because a generic caller elsewhere would ask the runtime for this type twice an event.
    @inlinable
    init(_ data: Payload, id: UInt64, time: Timestamp, context: EventContext) {
        self.id = id
        self.time = time
        self.data = data
        self.context = context
    }

    /// The numbered sequence to which it belongs: `/<publisher>/<type>/<lane>`.
    public var source: String { context.source }
    /// The type, which names the schema of `data`.
    public var type: String { Payload.eventType }
    /// The key under which it was published: events of one publisher with equal keys keep their order.
    public var partitionKey: String? { context.partitionKey }
    /// The trace to which it belongs, in the form of W3C Trace Context.
    public var traceparent: String? { context.traceparent }
}

/// The texts around an event's data: made by a test, or still where they were received.
@usableFromInline enum EventContext: Sendable {
    indirect case made(source: String, partitionKey: String?, traceparent: String?)
    case received(ByteSlice, source: JSONText, partitionKey: JSONText, traceparent: JSONText)

    init(_ slice: ByteSlice, _ attributes: EventAttributes) {
        self = .received(
            slice, source: attributes.source, partitionKey: attributes.partitionKey,
            traceparent: attributes.traceparent)
    }

    var source: String {
        switch self {
        case .made(let source, _, _): source
        case .received(let slice, let source, _, _): slice.withBytes { source.string(in: $0) }
        }
    }

    var partitionKey: String? {
        switch self {
        case .made(_, let partitionKey, _): partitionKey
        case .received(let slice, _, let partitionKey, _): Self.text(partitionKey, slice)
        }
    }

    var traceparent: String? {
        switch self {
        case .made(_, _, let traceparent): traceparent
        case .received(let slice, _, _, let traceparent): Self.text(traceparent, slice)
        }
    }

    private static func text(_ text: JSONText, _ slice: ByteSlice) -> String? {
        slice.withBytes { text.isString(in: $0) ? text.string(in: $0) : nil }
    }
}
