import AsyncHTTPClient
import HTTPTypes
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The upstream took no bytes of the request for too long.
struct UpstreamStalled: Error {}

/// What a client is told when its request did not get through.
enum UpstreamFailure {
    static func problem(for error: any Error, body: RequestBodyTap.Refusal?) -> Problem {
        switch body {
        case .tooLarge: return tooLarge
        case .broken: return Problem(status: .badRequest, detail: "The request's body ended before its end.")
        case .closed, nil: break
        }
        if error is UpstreamStalled { return tooSlow }
        if error is CancellationError { return stopping }
        if case ChannelError.connectTimeout = error { return tooSlow }
        guard let error = error as? HTTPClientError else { return down }
        return switch error {
        case .readTimeout, .writeTimeout, .connectTimeout, .deadlineExceeded, .tlsHandshakeTimeout: tooSlow
        case .getConnectionFromPoolTimeout: busy
        case .cancelled, .alreadyShutdown: stopping
        default: down
        }
    }

    static let tooLarge = Problem(
        status: .contentTooLarge, detail: "The request's body is larger than this gateway passes on.",
        headers: [.connection: "close"])
    private static let tooSlow = Problem(
        status: .gatewayTimeout, detail: "The application behind this gateway did not answer in time.")
    private static let down = Problem(
        status: .badGateway, detail: "The application behind this gateway could not be reached, or broke off.")

    private static let busy = Problem(
        status: .serviceUnavailable, detail: "All connections to the application are in use; try again.",
        headers: [.retryAfter: "1"])
    private static let stopping = Problem(
        status: .serviceUnavailable, detail: "The gateway is stopping; try again.")

    /// Whether a request that changes nothing may be sent once more: the upstream ended an idle connection in the very
    /// moment in which we used it.
    static func mayRepeat(after error: any Error) -> Bool {
        if let error = error as? HTTPClientError { return error == .remoteConnectionClosed }
        if let error = error as? IOError { return error.errnoCode == ECONNRESET || error.errnoCode == EPIPE }
        return false
    }
}
