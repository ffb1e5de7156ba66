/// One event as a handler gets it: the CloudEvents attributes and the decoded payload.
public struct Event<Payload: EventPayload>: Sendable {
    /// Where the texts of a received event lie; they are made only when asked for.
    struct Wire: Sendable {
        let slice: ByteSlice
        let source: String
    }

    private enum Text: Sendable {
        case own(String?)
        case place(Int, Int, Bool)
    }

    /// The event's number in its source, from 1 without holes, below 2^53.
    public let id: UInt64
    /// When it happened, by the publisher's clock.
    public let time: Timestamp
    /// What happened.
    public let data: Payload
    private let slice: ByteSlice?
    private let sourceText: String
    private let keyText: Text
    private let traceText: Text

    /// Makes an event by hand, for tests.
    ///
    /// - Parameters:
    ///   - data: The payload.
    ///   - id: Its number, from 1.
    ///   - source: `/<publisher>/<type>/<lane>`; a test publisher's lane 0 by default.
    ///   - time: Now by default.
    public init(
        _ data: Payload, id: UInt64 = 1, source: String? = nil, time: Timestamp = .now, partitionKey: String? = nil,
        traceparent: String? = nil
    ) {
        self.id = id
        self.time = time
        self.data = data
        self.slice = nil
        self.sourceText = source ?? "/test-0000000000000000/\(Payload.eventType)/0"
        self.keyText = .own(partitionKey)
        self.traceText = .own(traceparent)
    }

    init(
        id: UInt64, time: Timestamp, wire: Wire, key: JSONCursor.Text?, trace: JSONCursor.Text?, data: Payload
    ) {
        func text(_ place: JSONCursor.Text?) -> Text {
            place.map { .place($0.start, $0.end, $0.hasEscapes) } ?? .own(nil)
        }
        self.id = id
        self.time = time
        self.data = data
        self.slice = wire.slice
        self.sourceText = wire.source
        self.keyText = text(key)
        self.traceText = text(trace)
    }

    /// `/<publisher>/<type>/<lane>`; with `id` it names the event for all time.
    public var source: String { sourceText }
    /// The payload's type, for example `http.request`.
    public var type: String { Payload.eventType }
    /// Events of one publisher with equal keys come in order.
    public var partitionKey: String? { make(keyText) }
    /// W3C trace context of the request that caused the event.
    public var traceparent: String? { make(traceText) }

    private func make(_ text: Text) -> String? {
        switch text {
        case .own(let string): string
        case .place(let start, let end, let hasEscapes):
            slice?[start..<end].withBytes { JSONText.string($0, hasEscapes: hasEscapes) }
        }
    }
}
