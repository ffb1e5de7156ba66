import CHiredis

/// What a reply reader finds in the bytes of a connection. Pointers are valid only while it is handed out.
enum ReplyEvent {
    case value(RedisValue)
    case integer(Int64)
    /// So many integers in a row, of the answers that `countable` asked to be counted only.
    case integers(Int)
    case status(String)
    case error(String)
    case message(channel: UnsafeRawBufferPointer, payload: UnsafeRawBufferPointer)
    case subscribed(String)
    case unsubscribed(String)
    case other
}

/// hiredis's reply reader, fed with whatever comes, at any boundary.
final class ReplyReader {
    /// What is read: answers to commands, or what a subscription is sent.
    enum Mode {
        case commands, subscription
    }

    private let reader: UnsafeMutablePointer<redisReader>
    private let context: UnsafeMutablePointer<ob_context>
    private let handler: (ReplyEvent) -> Void

    /// - Throws: `RedisError` if there is no memory for it.
    init(_ mode: Mode, handler: @escaping (ReplyEvent) -> Void) throws {
        self.handler = handler
        self.context = .allocate(capacity: 1)
        context.initialize(to: ob_context())
        guard let reader = ob_reader_create(context, mode == .subscription ? 1 : 0) else {
            context.deallocate()
            throw RedisError(code: .protocolViolation, message: "no memory for a reply reader")
        }
        self.reader = reader
        // The reader is freed with us and calls back only during `feed`, so it need not own us.
        context.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.handler = receiveReply
    }

    deinit {
        redisReaderFree(reader)
        context.deallocate()
    }

    /// How many of the next answers need only be counted as long as they are integers: `.integers` tells them by and by,
    /// which costs a call for many instead of a call for each. Lowered by as many as were told.
    var countable: Int {
        get { Int(context.pointee.countable) }
        set { context.pointee.countable = Int64(newValue) }
    }

    /// Reads bytes and hands out what becomes complete.
    ///
    /// - Throws: `RedisError` coded `.protocolViolation`; the reader is of no use then.
    func feed(_ bytes: UnsafeRawBufferPointer) throws {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        let result = ob_reader_feed(reader, context, start.assumingMemoryBound(to: CChar.self), bytes.count)
        guard result == 0 else {
            throw RedisError(code: .protocolViolation, message: String(cString: ob_reader_error(reader)))
        }
    }

    fileprivate func receive(_ reply: UnsafePointer<ob_reply>) {
        // Nearly all that a subscription is sent; the rest is not looked at for it.
        guard reply.pointee.kind != OB_MESSAGE else {
            return handler(
                .message(
                    channel: UnsafeRawBufferPointer(start: reply.pointee.channel, count: reply.pointee.channel_length),
                    payload: UnsafeRawBufferPointer(start: reply.pointee.text, count: reply.pointee.text_length)))
        }
        receiveOther(reply.pointee)
    }

    private func receiveOther(_ reply: ob_reply) {
        switch reply.kind {
        case OB_INTEGER: handler(.integer(Int64(reply.integer)))
        case OB_INTEGERS: handler(.integers(Int(reply.integer)))
        case OB_STATUS: handler(.status(Self.string(reply.text, reply.text_length)))
        case OB_ERROR: handler(.error(Self.string(reply.text, reply.text_length)))
        case OB_SUBSCRIBED: handler(.subscribed(Self.string(reply.channel, reply.channel_length)))
        case OB_UNSUBSCRIBED: handler(.unsubscribed(Self.string(reply.channel, reply.channel_length)))
        case OB_OBJECT: handler(reply.object.map { .value(Self.value($0.pointee)) } ?? .other)
        default: handler(.other)
        }
    }

    private static func string(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// Copies a hiredis reply, which is freed right afterwards.
    private static func value(_ reply: redisReply) -> RedisValue {
        switch reply.type {
        case REDIS_REPLY_INTEGER: return .integer(Int64(reply.integer))
        case REDIS_REPLY_STATUS: return .status(string(reply.str, Int(reply.len)))
        case REDIS_REPLY_ERROR: return .error(string(reply.str, Int(reply.len)))
        case REDIS_REPLY_STRING: return .bulk(Array(UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len))))
        case REDIS_REPLY_ARRAY:
            return .array(
                (0..<Int(reply.elements)).map { index in
                    reply.element[index].map { value($0.pointee) } ?? .null
                })
        default: return .null
        }
    }
}

/// Called by hiredis through the shim, on the thread that feeds.
private func receiveReply(owner: UnsafeMutableRawPointer?, reply: UnsafePointer<ob_reply>?) {
    guard let owner, let reply else { return }
    // Whoever feeds the reader holds it meanwhile.
    Unmanaged<ReplyReader>.fromOpaque(owner)._withUnsafeGuaranteedRef { $0.receive(reply) }
}
