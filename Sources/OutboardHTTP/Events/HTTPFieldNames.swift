import HTTPTypes

/// Header names that HTTPTypes does not have.
extension HTTPField.Name {
    static let xRequestID = constant("X-Request-Id")
    static let w3cTraceparent = constant("traceparent")
    static let xForwardedFor = constant("X-Forwarded-For")
    static let xForwardedProto = constant("X-Forwarded-Proto")
    static let xForwardedHost = constant("X-Forwarded-Host")
    static let keepAlive = constant("Keep-Alive")
    static let proxyConnection = constant("Proxy-Connection")
    static let forwarded = constant("Forwarded")
    static let xRealIP = constant("X-Real-IP")
    static let setCookie2 = constant("Set-Cookie2")

    private static func constant(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("a token by RFC 9110: \(name)") }
        return name
    }
}
