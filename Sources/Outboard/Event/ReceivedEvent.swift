/// An event as it came over the bus, whose payload nobody has read yet.
///
/// What stands between the bus and a plugin is compiled with the bus and knows no payload; this is what it hands over. The
/// plugin makes an `Event` of it where the payload's type is known, so that nothing is looked up at run time.
public struct ReceivedEvent: Sendable {
    @usableFromInline let data: JSONSlice
    @usableFromInline let id: UInt64
    @usableFromInline let time: Timestamp
    @usableFromInline let context: EventContext

    /// Reads the payload.
    ///
    /// - Throws: What the payload throws: `EventError` coded `.invalidData` if a member is missing or of the wrong kind.
    @inlinable
    public consuming func event<Payload: EventPayload>(of: Payload.Type = Payload.self) throws -> Event<Payload> {
        Event(try Payload.read(from: data), id: id, time: time, context: context)
    }
}
