/// The parts of an event that are the same for all events of one source, as bytes.
package struct EventTemplate: Sendable {
    /// `{"specversion":"1.0","source":"/<publisher>/<type>/<lane>","id":"`, then `","type":"<type>","time":"`; one array,
    /// because whoever passes a template on pays for each.
    private let bytes: [UInt8]
    private let countBeforeID: Int

    /// - Throws: `EventError` coded `.invalidPublisher` or `.invalidType`.
    package init(publisher: String, type: String, lane: Int) throws(EventError) {
        guard EventSource.isPublisher(publisher.utf8) else {
            throw EventError(
                .invalidPublisher, "publisher '\(publisher)': needs 1 to 64 of a-z, 0-9 and -, for example core-1f")
        }
        try EventType.check(type)
        // None of these characters needs an escape in JSON.
        let beforeID = Array(#"{"specversion":"1.0","source":"/\#(publisher)/\#(type)/\#(lane)","id":""#.utf8)
        bytes = beforeID + Array(#"","type":"\#(type)","time":""#.utf8)
        countBeforeID = beforeID.count
    }

    /// Writes everything up to the text of the time.
    @inline(__always)
    func write(id: UInt64, to json: inout JSONWriter) {
        bytes.withUnsafeBytes { bytes in
            json.append(UnsafeRawBufferPointer(rebasing: bytes[..<countBeforeID]))
            json.integer(unsigned: id)
            json.append(UnsafeRawBufferPointer(rebasing: bytes[countBeforeID...]))
        }
    }
}
