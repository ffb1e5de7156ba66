import NIOCore
import NIOSSL

/// The first commands of a new connection and what their answers mean, as a value: authentication, database, name, and
/// a `PING` that shows that the server answers at all.
struct Greeting {
    enum Progress {
        case waiting
        case done
        case failed(RedisError)
    }

    let commands: [RedisCommand]
    private let settings: RedisSettings
    private var answered = 0
    /// Whether the TLS handshake has ended; true where there is none.
    private var isSecure: Bool

    init(_ settings: RedisSettings) {
        var commands: [RedisCommand] = []
        if let password = settings.password {
            commands.append(
                settings.user.map { RedisCommand("AUTH", $0, password) } ?? RedisCommand("AUTH", password))
        }
        if settings.database != 0 { commands.append(RedisCommand("SELECT", "\(settings.database)")) }
        if let name = settings.clientName { commands.append(RedisCommand("CLIENT", "SETNAME", name)) }
        commands.append(RedisCommand("PING"))
        self.commands = commands
        self.settings = settings
        self.isSecure = settings.tls == nil
    }

    /// Takes one answer; all of them are statuses.
    mutating func receive(_ event: ReplyEvent) -> Progress {
        switch event {
        case .status:
            answered += 1
            return answered == commands.count ? .done : .waiting
        case .error(let text):
            return .failed(refusal(of: commands[answered].name, RedisError(serverText: text)))
        default:
            return .failed(
                RedisError(
                    code: .protocolViolation,
                    message: "\(place) gave an answer to \(commands[answered].name) that no Redis gives"))
        }
    }

    mutating func becomeSecure() {
        isSecure = true
    }

    // MARK: What an end before the last answer means

    /// The error of a deadline that ran out.
    var timedOut: RedisError {
        let limit = settings.connectTimeout
        return RedisError(
            code: .timedOut,
            message: isSecure
                ? "\(place) took the connection but did not answer within \(limit); it may be overloaded or no Redis"
                : "\(place) did not end the TLS handshake within \(limit); if it speaks no TLS there, use redis://")
    }

    /// The error of a connection that ended by itself.
    ///
    /// - Parameter cause: What the channel said, if it said anything.
    func ended(by cause: (any Error)?) -> RedisError {
        if settings.tls != nil, let cause, isTLS(cause) || !isSecure { return tlsFailure(cause) }
        if let known = cause as? RedisError {
            guard known.code == .protocolViolation else { return known }
            return RedisError(
                code: .protocolViolation, message: "\(place) does not speak Redis's protocol; check host and port",
                underlying: known)
        }
        if !isSecure { return tlsFailure(cause) }
        return RedisError(
            code: .connectionClosed,
            message: "\(place) closed the connection without an answer; "
                + (settings.tls == nil
                    ? "if it speaks TLS there, use rediss://" : "it may want a client certificate"),
            underlying: cause)
    }

    // MARK: Private

    private var place: String { Connector.place(settings) }

    /// By the first word of the server's answer, never by its text.
    private func refusal(of command: String, _ error: RedisError) -> RedisError {
        let who = settings.user.map { "user '\($0)'" } ?? "the default user"
        let code: RedisError.Code
        let message: String
        switch error.serverCode {
        case "WRONGPASS":
            (code, message) = (
                .authenticationFailed,
                "\(place) refused the password of \(who), or has no such user (WRONGPASS); "
                    + "check both in the URL or the password file"
            )
        case "NOAUTH":
            (code, message) = (
                .authenticationFailed,
                "\(place) wants a password and none was given (NOAUTH); put it into the URL or the password file"
            )
        case "NOPERM":
            (code, message) = (
                .authenticationFailed,
                "\(place) does not let \(who) use \(command) (NOPERM); allow it with ACL SETUSER"
            )
        default:
            (code, message) = (error.code, "\(place) refused \(command): \(error.message)")
        }
        return RedisError(code: code, message: message, serverCode: error.serverCode)
    }

    private func isTLS(_ error: any Error) -> Bool {
        error is NIOSSLError || error is NIOSSLExtraError || error is BoringSSLError
    }

    private func tlsFailure(_ cause: (any Error)?) -> RedisError {
        let reason =
            if let cause = cause as? NIOSSLExtraError, cause == .failedToValidateHostname {
                "its certificate is for another name; connect by a name that is in it"
            } else if isSecure {
                "it did not accept us; check the client certificate and its key"
            } else {
                "check that it speaks TLS there and that the given CA signed its certificate"
            }
        return RedisError(code: .tlsFailed, message: "no TLS with \(place): \(reason)", underlying: cause)
    }
}
