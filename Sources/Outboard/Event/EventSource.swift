/// A CloudEvents `source` of ours: `/<publisher>/<type>/<lane>`, one numbered sequence of events.
package struct EventSource: Equatable, Sendable {
    package let publisher: String
    package let type: String
    package let lane: Int

    package init?(_ text: String) {
        var text = text
        guard let parsed = text.withUTF8({ EventSource(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = parsed
    }

    /// Nil unless the publisher is `[a-z0-9-]{1,64}`, the type `[a-z0-9][a-z0-9.-]{0,63}` and the lane a plain number.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty else { return nil }
        let publisher = parts[1]
        let lane = parts[3]
        guard Self.isPublisher(publisher),
            EventType.isValid(parts[2]), (1...6).contains(lane.count), lane.allSatisfy(\.isDigit),
            lane.count == 1 || lane.first != UInt8(ascii: "0"),
            let number = Int(String(decoding: lane, as: UTF8.self))
        else { return nil }
        self.publisher = String(decoding: publisher, as: UTF8.self)
        self.type = String(decoding: parts[2], as: UTF8.self)
        self.lane = number
    }

    /// Whether the bytes are `[a-z0-9-]{1,64}`.
    package static func isPublisher(_ bytes: some Collection<UInt8>) -> Bool {
        (1...64).contains(bytes.count)
            && bytes.allSatisfy { $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
    }
}

/// The form of a CloudEvents `type` here.
package enum EventType {
    /// - Throws: `EventError` coded `.invalidType` unless the type is valid.
    package static func check(_ type: String) throws(EventError) {
        guard isValid(type.utf8) else {
            throw EventError(
                .invalidType,
                "event type '\(type)': needs 1 to 64 of a-z, 0-9, . and -, a letter or digit first, "
                    + "for example order.placed")
        }
    }

    /// Whether the bytes are `[a-z0-9][a-z0-9.-]{0,63}`.
    package static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
        guard (1...64).contains(bytes.count), let first = bytes.first, first.isLowercaseLetter || first.isDigit else {
            return false
        }
        return bytes.allSatisfy {
            $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }
}
