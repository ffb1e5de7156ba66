/// The parts of an event that are the same for all events of one source, as bytes.
package struct EventTemplate: Sendable {
    /// `{"specversion":"1.0","source":"/<publisher>/<type>/<lane>","id":"`
    let beforeID: [UInt8]
    /// `","type":"<type>","time":"`
    let beforeTime: [UInt8]

    /// - Throws: `EventError` coded `.invalidPublisher` or `.invalidType`.
    package init(publisher: String, type: String, lane: Int) throws(EventError) {
        guard EventSource.isPublisher(publisher.utf8) else {
            throw EventError(
                .invalidPublisher, "publisher '\(publisher)': needs 1 to 64 of a-z, 0-9 and -, for example core-1f")
        }
        guard EventType.isValid(type.utf8) else {
            throw EventError(
                .invalidType,
                "event type '\(type)': needs 1 to 64 of a-z, 0-9, . and -, a letter or digit first, "
                    + "for example order.placed")
        }
        // None of these characters needs an escape in JSON.
        beforeID = Array(#"{"specversion":"1.0","source":"/\#(publisher)/\#(type)/\#(lane)","id":""#.utf8)
        beforeTime = Array(#"","type":"\#(type)","time":""#.utf8)
    }
}
