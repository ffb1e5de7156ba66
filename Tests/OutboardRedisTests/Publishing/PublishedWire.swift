import NIOCore
import Outboard

@testable import OutboardRedis

/// One event as it lay on the wire.
struct WireEvent: Hashable {
    let publisher: String
    let lane: String
    let id: UInt64
    /// What the test called it.
    let number: Int
}

/// Reads what an outbox hands out, as Redis and a consumer would.
enum PublishedWire {
    struct Malformed: Error {}

    /// The messages of `PUBLISH` commands, in order.
    static func messages(_ frames: Outbox.Frames) throws -> [[WireEvent]] {
        var bytes = Array(frames.bytes.readableBytesView)[...]
        var messages: [[WireEvent]] = []
        while !bytes.isEmpty {
            guard try line(&bytes) == "*3", try argument(&bytes) == Array("PUBLISH".utf8) else { throw Malformed() }
            let channel = String(decoding: try argument(&bytes), as: UTF8.self)
            messages.append(try events(try argument(&bytes), channel: channel))
        }
        return messages
    }

    /// The events of one message; each must be what its channel is for.
    static func events(_ message: [UInt8], channel: String) throws -> [WireEvent] {
        var events: [WireEvent] = []
        var isWrong = message.first == UInt8(ascii: "[") && message.last != UInt8(ascii: "]")
        message.withUnsafeBytes { message in
            EventScanner.scan(message) { element in
                let parts = String(decoding: element.source, as: UTF8.self).split(separator: "/")
                let text = String(decoding: element.bytes, as: UTF8.self)
                guard element.malformed == nil, element.unusable == nil, parts.count == 3,
                    channel == "outboard:events:\(parts[1]):\(parts[2])",
                    let name = text.firstRange(of: "\"number\":"),
                    let number = Int(text[name.upperBound...].prefix { $0.isNumber })
                else { return isWrong = true }
                events.append(
                    WireEvent(
                        publisher: String(parts[0]), lane: "\(parts[1])/\(parts[2])", id: element.id, number: number))
            }
        }
        guard !isWrong, !events.isEmpty else { throw Malformed() }
        return events
    }

    private static func line(_ bytes: inout ArraySlice<UInt8>) throws -> String {
        guard let end = bytes.firstIndex(of: 13), bytes[(end + 1)...].first == 10 else { throw Malformed() }
        defer { bytes = bytes[(end + 2)...] }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    private static func argument(_ bytes: inout ArraySlice<UInt8>) throws -> [UInt8] {
        let head = try line(&bytes)
        guard head.hasPrefix("$"), let count = Int(head.dropFirst()), bytes.count >= count + 2 else {
            throw Malformed()
        }
        let argument = Array(bytes.prefix(count))
        bytes = bytes.dropFirst(count)
        guard try line(&bytes).isEmpty else { throw Malformed() }
        return argument
    }
}
