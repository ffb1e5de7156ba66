/// What a message says of itself in its first and last bytes, read without scanning it: for a replica that holds
/// messages which somebody else will most likely apply.
///
/// Only messages that are written as `EventWriter` and `Outbox` write them can be read so: one event, or an array of
/// consecutive events of one source. Nothing else of the message is checked; whoever handles it scans it as a whole.
package struct MessageHead {
    /// The source of the first event, in UTF-8; it lies in the message.
    package let source: UnsafeRawBufferPointer
    /// The number of the first event.
    package let first: UInt64
    /// The number of the last event.
    package let last: UInt64

    /// Nil if the message is written otherwise, which says nothing about it.
    package init?(_ message: UnsafeRawBufferPointer) {
        let isArray = message.first == UInt8(ascii: "[")
        let start = isArray ? 1 : 0
        guard let head = Self.element(message, at: start) else { return nil }
        source = head.source
        first = head.id
        guard isArray else {
            last = first
            return
        }
        let prefix = UnsafeRawBufferPointer(rebasing: message[start..<head.idStart])
        guard let place = Self.lastPlace(of: prefix, in: message, from: start),
            let lastElement = Self.element(message, at: place), lastElement.id >= first,
            // Consecutive numbers take at least as many bytes as their heads; what claims more is written otherwise.
            lastElement.id - first <= UInt64(message.count / prefix.count)
        else { return nil }
        last = lastElement.id
    }

    private static let opening = Array("{\"specversion\":\"1.0\",\"source\":\"".utf8)
    private static let between = Array("\",\"id\":\"".utf8)
    private static let sourceLimit = 160

    private static func element(
        _ message: UnsafeRawBufferPointer, at start: Int
    ) -> (source: UnsafeRawBufferPointer, idStart: Int, id: UInt64)? {
        guard holds(message, opening, at: start) else { return nil }
        let sourceStart = start + opening.count
        var end = sourceStart
        while end < message.count, message[end] != UInt8(ascii: "\"") {
            guard message[end] != UInt8(ascii: "\\"), end - sourceStart < sourceLimit else { return nil }
            end += 1
        }
        guard holds(message, between, at: end) else { return nil }
        let idStart = end + between.count
        var idEnd = idStart
        while idEnd < message.count, idEnd - idStart <= 16, message[idEnd].isDigit { idEnd += 1 }
        guard idEnd < message.count, message[idEnd] == UInt8(ascii: "\""),
            let id = DecimalDigits.read(UnsafeRawBufferPointer(rebasing: message[idStart..<idEnd]), most: 16), id > 0
        else { return nil }
        return (UnsafeRawBufferPointer(rebasing: message[sourceStart..<end]), idStart, id)
    }

    /// Where the last element begins: the last place of what every element of this source begins with. Inside of a
    /// string of JSON it cannot stand, because its quotation marks would be escaped there.
    private static func lastPlace(
        of prefix: UnsafeRawBufferPointer, in message: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        var place = message.count - prefix.count
        while place >= start {
            if message[place] == UInt8(ascii: "{"),
                Bytes.equal(UnsafeRawBufferPointer(rebasing: message[place..<place + prefix.count]), prefix)
            {
                return place
            }
            place -= 1
        }
        return nil
    }

    private static func holds(_ message: UnsafeRawBufferPointer, _ text: [UInt8], at start: Int) -> Bool {
        guard start + text.count <= message.count else { return false }
        let part = UnsafeRawBufferPointer(rebasing: message[start..<start + text.count])
        return text.withUnsafeBytes { Bytes.equal($0, part) }
    }
}
