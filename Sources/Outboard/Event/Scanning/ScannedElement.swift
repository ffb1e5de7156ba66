/// One element of a message, judged. Valid as long as the bytes in which it was found.
package struct ScannedElement: ~Copyable {
    /// Why it is no event; if this is not nil nothing else here means anything but `bytes`.
    package let malformed: Malformation?
    /// The element as it lies in the message, without the whitespace around it.
    package let bytes: UnsafeRawBufferPointer
    /// The source in UTF-8. Whether it is `/<publisher>/<type>/<lane>` of this channel is judged by whoever hears the
    /// channel: one that it knows already need not be taken apart (`EventSource`) again.
    package let source: UnsafeRawBufferPointer
    /// The number in the source's sequence: 1 through 2^53 - 1.
    package let id: UInt64
    /// The event type in UTF-8, to be compared with the channel's.
    package let type: UnsafeRawBufferPointer
    /// Why the event cannot be handled although it has a number.
    package let unusable: Unusability?
    /// When it happened; `Timestamp.earliest` if it does not say so.
    package let time: Timestamp
    let attributes: EventAttributes
    /// Source and type as they read without escapes; no publisher of ours writes any there.
    private let unescaped: UnsafeMutableRawBufferPointer?

    deinit {
        unescaped?.deallocate()
    }

    init(malformed: Malformation, _ bytes: UnsafeRawBufferPointer) {
        self.malformed = malformed
        self.bytes = bytes
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        (source, id, type) = (nothing, 0, nothing)
        (unusable, time, attributes, unescaped) = (.data, .earliest, EventAttributes(), nil)
    }

    /// Judges an element that is JSON.
    @inline(__always)
    init(judging bytes: UnsafeRawBufferPointer, _ attributes: EventAttributes) {
        if let reason = Self.malformation(bytes, attributes) {
            self.init(malformed: reason, bytes)
            return
        }
        var source = attributes.source.content(in: bytes)
        var type = attributes.type.content(in: bytes)
        var unescaped: UnsafeMutableRawBufferPointer?
        if attributes.source.isEscaped || attributes.type.isEscaped {
            let texts = Self.unescape(source, type)
            (source, type, unescaped) = (texts.source, texts.type, texts.memory)
        }
        guard let id = Self.id(attributes.id, bytes) else {
            unescaped?.deallocate()
            self.init(malformed: .id, bytes)
            return
        }
        self.init(bytes, attributes, source: source, type: type, id: id, unescaped: unescaped)
    }

    @inline(__always)
    private init(
        _ bytes: UnsafeRawBufferPointer, _ attributes: EventAttributes, source: UnsafeRawBufferPointer,
        type: UnsafeRawBufferPointer, id: UInt64, unescaped: UnsafeMutableRawBufferPointer?
    ) {
        let time = Self.time(attributes.time, bytes)
        self.malformed = nil
        self.bytes = bytes
        self.source = source
        self.id = id
        self.type = type
        self.unusable = time == nil ? .time : Self.unusability(attributes, bytes)
        self.time = time ?? .earliest
        self.attributes = attributes
        self.unescaped = unescaped
    }

    /// Takes the event out of the message.
    ///
    /// - Parameters:
    ///   - slice: The same bytes as `bytes`, kept; the event refers to them.
    ///   - requests: Where the object of a request comes from.
    /// - Throws: `EventError` coded `.unusable` if `unusable` says why.
    package func received(
        in slice: ByteSlice, _ requests: inout ReceivedRequests
    ) throws(EventError) -> ReceivedEvent {
        if let unusable { throw EventError(.unusable, "the event cannot be handled: \(unusable)") }
        // The places of the attributes lie inside of `bytes`; in as many bytes they lie inside, too.
        precondition(slice.count == bytes.count, "an event is made of the bytes that were scanned")
        var data = JSONSlice(slice: slice[attributes.data.range])
        if attributes.isRequest { data.note(attributes.request, in: &requests) }
        return ReceivedEvent(data: data, id: id, time: time, context: EventContext(slice, attributes))
    }

    /// Makes the event.
    ///
    /// - Parameter slice: As for `received`.
    /// - Throws: `EventError` coded `.unusable` if `unusable` says why; otherwise what the payload throws.
    package func makeEvent<Payload: EventPayload>(
        of: Payload.Type = Payload.self, in slice: ByteSlice
    ) throws -> Event<Payload> {
        var requests = ReceivedRequests()
        return try received(in: slice, &requests).event()
    }

    // MARK: Private

    /// What is wrong with the element at first sight: its kinds, before its texts.
    @inline(__always)
    private static func malformation(_ bytes: UnsafeRawBufferPointer, _ attributes: EventAttributes) -> Malformation? {
        guard bytes.first == UInt8(ascii: "{") else { return .notAnObject }
        guard bytes.count <= EventWriter.limit else { return .tooLarge }
        if attributes.areOurs { return nil }
        guard attributes.specversion.isString("1.0", in: bytes) else { return .specversion }
        guard attributes.type.isString(in: bytes) else { return .type }
        guard attributes.source.isString(in: bytes) else { return .source }
        return nil
    }

    private static func id(_ text: JSONText, _ bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard text.isString(in: bytes) else { return nil }
        let id = text.withUTF8(in: bytes) { DecimalDigits.read($0, most: 16) }
        guard let id, id > 0, id < 1 << 53 else { return nil }
        return id
    }

    private static func time(_ text: JSONText, _ bytes: UnsafeRawBufferPointer) -> Timestamp? {
        guard text.isString(in: bytes) else { return nil }
        return text.withUTF8(in: bytes) { Timestamp(rfc3339: $0) }
    }

    /// An attribute that is null is an attribute that is absent, as in CloudEvents.
    private static func unusability(_ attributes: EventAttributes, _ bytes: UnsafeRawBufferPointer) -> Unusability? {
        guard attributes.data.isObject(in: bytes) else { return .data }
        if attributes.areOurs { return nil }
        guard
            attributes.dataContentType.isString("application/json", in: bytes)
                || attributes.dataContentType.isAbsentOrNull(in: bytes)
        else { return .dataContentType }
        guard attributes.partitionKey.isString(in: bytes) || attributes.partitionKey.isAbsentOrNull(in: bytes) else {
            return .partitionKey
        }
        guard attributes.traceparent.isString(in: bytes) || attributes.traceparent.isAbsentOrNull(in: bytes) else {
            return .traceparent
        }
        return nil
    }

    @inline(never)
    private static func unescape(
        _ source: UnsafeRawBufferPointer, _ type: UnsafeRawBufferPointer
    ) -> (source: UnsafeRawBufferPointer, type: UnsafeRawBufferPointer, memory: UnsafeMutableRawBufferPointer) {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count + type.count, alignment: 1)
        let sourceCount = JSONEscape.decode(source, into: memory)
        let rest = UnsafeMutableRawBufferPointer(rebasing: memory[sourceCount...])
        let typeCount = JSONEscape.decode(type, into: rest)
        return (
            UnsafeRawBufferPointer(rebasing: memory[..<sourceCount]),
            UnsafeRawBufferPointer(rebasing: rest[..<typeCount]), memory
        )
    }
}
