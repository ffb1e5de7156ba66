import DequeModule
import NIOHTTP1

/// What HTTP/1.1 asks of a server's connection beyond what Hummingbird does itself (RFC 9110, RFC 9112).
///
/// - The answer to HEAD has no body, not even the last chunk of an empty one.
/// - A client that expects `100 Continue` is told to go on, unless it announced more than we take.
/// - Header fields beyond the limit are answered with 431.
/// - A response with `Connection: close` is the last one of its connection, and so is one to an HTTP/1.0 client that
///   did not ask to keep it; such a client gets no chunks, which it would not understand.
struct ConnectionRules {
    enum Reception: Equatable {
        case pass
        case passAndContinue
    }

    enum Transmission: Equatable {
        case pass
        /// The part is not for this request; act as if it had been written.
        case swallow
        case passAndClose
        case swallowAndClose
    }

    enum Overflow: Equatable {
        /// Answer 431 and close.
        case answer
        /// An earlier answer is still due; the server deals with it.
        case pass
    }

    private struct Waiting {
        let isHead: Bool
        /// Spoken by a client that knows no chunks.
        let isHTTP10: Bool
        let isKept: Bool
    }

    private let maxBodyBytes: Int
    /// The requests that are not answered yet, oldest first.
    private var waiting: Deque<Waiting> = []
    private var closesAfterAnswer = false

    init(maxBodyBytes: Int) {
        self.maxBodyBytes = maxBodyBytes
    }

    mutating func received(_ head: HTTPRequestHead) -> Reception {
        let isHTTP10 = head.version.major < 1 || head.version == .http1_0
        waiting.append(Waiting(isHead: head.method == .HEAD, isHTTP10: isHTTP10, isKept: head.isKeepAlive))
        guard waiting.count == 1, !isHTTP10,
            head.headers.first(name: "expect")?.lowercased() == "100-continue"
        else { return .pass }
        let length = head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        return length > maxBodyBytes ? .pass : .passAndContinue
    }

    /// The head as it is written.
    mutating func writing(_ head: HTTPResponseHead) -> HTTPResponseHead {
        guard head.status.code >= 200 else { return head }
        // Connection is a list of options, of which close is one.
        closesAfterAnswer = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
        guard let request = waiting.first, !request.isKept || request.isHTTP10 else { return head }
        var head = head
        if !request.isKept {
            closesAfterAnswer = true
            head.headers.replaceOrAdd(name: "connection", value: "close")
        }
        if request.isHTTP10 {
            if !head.headers.contains(name: "content-length"), !request.isHead {
                // The end of the connection is the end of such a body.
                closesAfterAnswer = true
                head.headers.replaceOrAdd(name: "connection", value: "close")
            } else if request.isKept {
                head.headers.replaceOrAdd(name: "connection", value: "keep-alive")
            }
            head.version = .http1_0
        }
        return head
    }

    func writingBody() -> Transmission {
        waiting.first?.isHead == true ? .swallow : .pass
    }

    mutating func writingEnd() -> Transmission {
        let isHead = waiting.popFirst()?.isHead ?? false
        return switch (isHead, closesAfterAnswer) {
        case (false, false): .pass
        case (false, true): .passAndClose
        case (true, false): .swallow
        case (true, true): .swallowAndClose
        }
    }

    func headerOverflow() -> Overflow {
        waiting.isEmpty ? .answer : .pass
    }
}
