/// The parts of an event that are the same for all events of one source.
package struct EventTemplate: Sendable {
    /// `{"specversion":"1.0","source":"…","id":"`
    let head: [UInt8]
    /// `","type":"…","time":"`
    let middle: [UInt8]
    package let source: String

    /// - Throws: `EventError.invalidType`.
    package init(publisher: String, type: String, lane: Int) throws {
        guard EventType.isValid(type.utf8) else { throw EventError.invalidType(type) }
        self.source = "/\(publisher)/\(type)/\(lane)"
        self.head = Array("{\"specversion\":\"1.0\",\"source\":\"\(source)\",\"id\":\"".utf8)
        self.middle = Array("\",\"type\":\"\(type)\",\"time\":\"".utf8)
    }
}

/// Writes whole events, one at a time, into a buffer that it reuses.
///
/// Attributes go in a fixed order, `source` and `id` first, so that a reader that holds events back need not parse them.
package struct EventWriter: ~Copyable {
    private var json = JSONWriter(capacity: 4_096)
    /// The text of the second that was written last; its fraction is overwritten for each event.
    private var timeText = [UInt8](repeating: 0, count: Timestamp.textCount)
    private var timeSecond = Int64.min

    package init() {}

    /// Replaces the buffer's content by one event.
    ///
    /// - Throws: `EventError.notEncodable`; the buffer's content is then of no use.
    package mutating func write<Payload: EventPayload>(
        _ payload: Payload, template: EventTemplate, id: UInt64, time: Timestamp, key: String?, traceparent: String?
    ) throws {
        begin(template, id, time, key, traceparent)
        try payload.write(to: &json)
        json.endObject()
    }

    /// Replaces the buffer's content by an event of ours under another source and number.
    package mutating func rewrite(_ event: UnsafeRawBufferPointer, template: EventTemplate, id: UInt64) throws {
        var problem: EventError? = .notEncodable(type: template.source, reason: "it is no event of ours")
        EventScanner.scan(event) { element in
            guard element.malformed == nil, element.unusable == nil else { return }
            begin(template, id, element.time ?? .now, element.partitionKey, element.traceparent)
            json.writeRaw(element.data)
            json.endObject()
            problem = nil
        }
        if let problem { throw problem }
    }

    /// The event's bytes, valid for the time of the call.
    package borrowing func withBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try json.withBytes(body)
    }

    private mutating func begin(
        _ template: EventTemplate, _ id: UInt64, _ time: Timestamp, _ key: String?, _ traceparent: String?
    ) {
        json.removeAll()
        json.writeRaw(template.head)
        json.unsigned(id)
        json.writeRaw(template.middle)
        write(time)
        json.writeRaw("\",\"datacontenttype\":\"application/json\"")
        if let key { json.member("partitionkey", key) }
        if let traceparent { json.member("traceparent", traceparent) }
        json.name("data")
    }

    private mutating func write(_ time: Timestamp) {
        let second = time.microseconds >= 0 ? time.microseconds / 1_000_000 : Int64.min
        if second != timeSecond || second == .min {
            timeText.withUnsafeMutableBufferPointer { text in text.baseAddress.map { time.write(to: $0) } }
            timeSecond = second
        } else {
            var fraction = time.microseconds - second * 1_000_000
            for place in stride(from: 25, through: 20, by: -1) {
                timeText[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction % 10)
                fraction /= 10
            }
        }
        json.writeRaw(timeText)
    }
}
