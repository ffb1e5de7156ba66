/// What went wrong between us and Redis. `description` is safe to log: no credentials, no payloads.
package struct RedisError: Error, Sendable, CustomStringConvertible {
    /// The kind of error; new ones may be added.
    package struct Code: Hashable, Sendable, CustomStringConvertible {
        package let description: String

        /// The URL cannot be understood.
        package static let badURL = Code(description: "bad URL")
        /// A certificate or key cannot be used.
        package static let badTLS = Code(description: "bad TLS settings")
        /// Nobody took the connection: no such host, nobody listens, or no answer to the attempt.
        package static let connectionFailed = Code(description: "connection failed")
        /// The server took the connection and no TLS came about: no trust, another name, or no TLS spoken.
        package static let tlsFailed = Code(description: "TLS failed")
        /// The connection ended before the answer.
        package static let connectionClosed = Code(description: "connection closed")
        /// The server refused user or password, or does not let the user begin; `serverCode` says which.
        package static let authenticationFailed = Code(description: "authentication failed")
        /// An answer did not come within the connect or the command deadline; the connection was closed.
        package static let timedOut = Code(description: "timed out")
        /// More bytes wait to be sent than the outbox may hold.
        package static let outboxFull = Code(description: "outbox full")
        /// The server sent bytes that are not RESP.
        package static let protocolViolation = Code(description: "protocol violation")
        /// The server answered with an error; see `serverCode`.
        package static let serverReply = Code(description: "refused by Redis")
        /// The answer has another shape than the command promises.
        package static let unexpectedReply = Code(description: "unexpected reply")
        /// A session has no connection at present.
        package static let notConnected = Code(description: "not connected")
    }

    package let code: Code
    /// What was attempted or found, for people.
    package let message: String
    /// The first word of a server's error, for example `WRONGTYPE`; by this word, never by the text, callers decide.
    package let serverCode: String?
    package let underlying: (any Error)?

    package init(code: Code, message: String, serverCode: String? = nil, underlying: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.serverCode = serverCode
        self.underlying = underlying
    }

    /// Makes the error of an error reply.
    package init(serverText text: String) {
        let word = text.prefix { $0 != " " }
        // For an unknown command Redis repeats its arguments, which may be a payload.
        let safe = text.firstRange(of: ", with args").map { text[..<$0.lowerBound] } ?? text[...]
        self.init(code: .serverReply, message: String(safe), serverCode: String(word))
    }

    package var description: String {
        underlying.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }
}
