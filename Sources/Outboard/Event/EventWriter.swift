/// Writes events as CloudEvents objects into one buffer, which it keeps from event to event.
///
/// The order of the attributes is always the same: `specversion`, `source`, `id`, `type`, `time`, `datacontenttype`,
/// `partitionkey` and `traceparent` if there are any, `data`.
package struct EventWriter: ~Copyable {
    /// Bytes that an event may have; the buffer ends a little behind, so that it stays bounded and can still say how long
    /// an event would have become.
    package static let limit = 1 << 20
    private var json = JSONWriter(limit: limit + 64 << 10)
    private var clock = TimestampWriter()

    package init() {}

    /// What was written last, valid during the call.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try json.withBytes(body)
    }

    /// Writes an event in place of the last one.
    ///
    /// - Throws: `EventError` if the payload cannot be written or the event is over 1 MiB, or what the payload throws.
    package mutating func write<Payload: EventPayload>(
        _ payload: Payload, template: EventTemplate, id: UInt64, time: Timestamp, key: String? = nil,
        traceparent: String? = nil
    ) throws {
        begin(template, id, time)
        if let key { attribute(",\"partitionkey\":") { $0.string(key) } }
        if let traceparent { attribute(",\"traceparent\":") { $0.string(traceparent) } }
        json.append(",\"data\":")
        try writeObject(payload)
        json.append("}")
        try checkSize()
    }

    /// Writes an event whose data was encoded before, for example by another thread with `encodeData`.
    ///
    /// - Parameter data: A JSON object; the caller has proven that.
    /// - Throws: `EventError` coded `.tooLarge`.
    package mutating func write(
        data: UnsafeRawBufferPointer, template: EventTemplate, id: UInt64, time: Timestamp, key: String? = nil,
        traceparent: String? = nil
    ) throws(EventError) {
        begin(template, id, time)
        if let key { attribute(",\"partitionkey\":") { $0.string(key) } }
        if let traceparent { attribute(",\"traceparent\":") { $0.string(traceparent) } }
        try end(data)
    }

    /// Writes an event again under another source or number; everything else stays.
    ///
    /// - Parameter event: What `write` has written; nothing of this writer's buffer.
    /// - Throws: `EventError` coded `.unusable` if it is no event, `.tooLarge` if its new name makes it too long.
    package mutating func rewrite(
        _ event: UnsafeRawBufferPointer, template: EventTemplate, id: UInt64
    ) throws(EventError) {
        let element = EventScanner.element(in: event)
        guard element.malformed == nil, element.unusable == nil else {
            throw EventError(.unusable, "these bytes are not an event, so they cannot be given another number")
        }
        begin(template, id, element.time)
        let attributes = element.attributes
        if attributes.partitionKey.isString(in: event) {
            attribute(",\"partitionkey\":") { $0.append(attributes.partitionKey.raw(in: element.bytes)) }
        }
        if attributes.traceparent.isString(in: event) {
            attribute(",\"traceparent\":") { $0.append(attributes.traceparent.raw(in: element.bytes)) }
        }
        try end(attributes.data.raw(in: element.bytes))
    }

    /// Writes only the data of an event, to be copied from `withBytes` and handed to `write(data:…)`.
    ///
    /// - Throws: `EventError` if the payload cannot be written or is over 1 MiB, or what the payload throws.
    package mutating func encodeData<Payload: EventPayload>(_ payload: Payload) throws {
        json.removeAll()
        try writeObject(payload)
        try checkSize()
    }

    // MARK: Private

    private mutating func begin(_ template: EventTemplate, _ id: UInt64, _ time: Timestamp) {
        json.removeAll()
        template.write(id: id, to: &json)
        json.append(most: Timestamp.textCount) { output in
            clock.write(time, to: output)
            return Timestamp.textCount
        }
        json.append("\",\"datacontenttype\":\"application/json\"")
    }

    @inline(__always)
    private mutating func attribute(_ name: StaticString, _ value: (inout JSONWriter) -> Void) {
        json.append(name)
        value(&json)
    }

    private mutating func end(_ data: UnsafeRawBufferPointer) throws(EventError) {
        json.append(",\"data\":")
        json.append(data)
        json.append("}")
        try checkSize()
    }

    private mutating func writeObject<Payload: EventPayload>(_ payload: Payload) throws {
        let start = json.count
        try payload.write(to: &json)
        let isObject = json.withBytes { bytes in
            bytes.count >= start + 2 && bytes[start] == UInt8(ascii: "{") && bytes.last == UInt8(ascii: "}")
        }
        guard isObject || json.overflow != nil else {
            throw EventError(
                .notEncodable, "the payload of type '\(Payload.eventType)' does not write one JSON object")
        }
    }

    private func checkSize() throws(EventError) {
        let size = json.overflow ?? json.count
        guard size <= Self.limit else { throw EventError.tooLarge(bytes: size) }
    }
}
