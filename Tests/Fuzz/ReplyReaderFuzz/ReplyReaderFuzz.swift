// Compiled together with the reply reader by ../run-reply-reader.sh; libFuzzer calls this with bytes of its own making.
// What must hold for every input is a precondition: it ends the process, and libFuzzer keeps the input.

/// Feeds one input, whole and in pieces, to both kinds of reader.
///
/// The first byte says where it is cut; the rest is what a server, or anything else, might send.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReplyReader(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let start, count > 1 else { return 0 }
    let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
    let piece = Int(start[0]) % 64 + 1
    for mode in [ReplyReader.Mode.commands, .subscription] {
        let whole = HeardReplies.read(bytes, mode, piece: bytes.count)
        let cut = HeardReplies.read(bytes, mode, piece: piece)
        precondition(whole == cut, "what is read does not depend on where the stream is cut")
    }
    let heard = HeardReplies.read(bytes, .commands, piece: bytes.count)
    let expected = ReferenceRESP.replies(bytes)
    precondition(
        heard.lines.count >= expected.count && Array(heard.lines.prefix(expected.count)) == expected,
        "what a strict reader of RESP 2 understands, this one understands in the same way")
    return 0
}

/// What a reader handed out, and whether it refused the rest.
struct HeardReplies: Equatable {
    private(set) var lines: [String] = []
    private(set) var isRefused = false

    static func read(_ bytes: [UInt8], _ mode: ReplyReader.Mode, piece: Int) -> HeardReplies {
        final class Box { var heard = HeardReplies() }
        let box = Box()
        guard let reader = try? ReplyReader(mode, handler: { box.heard.lines.append(text($0)) }) else {
            preconditionFailure("no memory for a reader")
        }
        var rest = bytes[...]
        while !rest.isEmpty, !box.heard.isRefused {
            // A copy of exactly the piece's size, so that reading beyond it is caught by the address sanitizer.
            let part = Array(rest.prefix(piece))
            rest = rest.dropFirst(piece)
            do {
                try part.withUnsafeBytes { try reader.feed($0) }
            } catch {
                box.heard.isRefused = true
            }
        }
        return box.heard
    }

    private static func text(_ event: ReplyEvent) -> String {
        switch event {
        case .value(let value): text(value)
        case .integer(let number): ":\(number)"
        case .integers(let count): "\(count) integers, which nobody asked to be counted"
        // The reader keeps the first 512 bytes of these.
        case .status(let text): "+\(text)"
        case .error(let text): "-\(text)"
        case .message(let channel, let payload):
            "message \(String(decoding: channel, as: UTF8.self)) \(String(decoding: payload, as: UTF8.self))"
        case .subscribed(let channel): "subscribed \(channel)"
        case .unsubscribed(let channel): "unsubscribed \(channel)"
        case .other: "other"
        }
    }

    static func text(_ value: RedisValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): ":\(number)"
        case .status(let text): "+\(text)"
        case .bulk(let bytes): "$\(bytes)"
        case .error(let text): "-\(text)"
        case .array(let values): "[" + values.map(text).joined(separator: " ") + "]"
        }
    }
}
