import HTTPTypes
import Outboard

/// What of a request goes into its event.
public struct RequestEventOptions: Sendable {
    /// Whether the event says the query string; it is left out unless asked for, because secrets travel there.
    public var includesQuery: Bool
    /// How many proxies of ours stand in front of this process, 0 through 8; as many entries at the end of
    /// `X-Forwarded-For` are believed.
    public let trustedProxies: Int
    let headers: [(field: HTTPField.Name, name: String)]

    /// - Parameters:
    ///   - includesQuery: Whether the event says the query string.
    ///   - headers: Names of request headers whose values the event says, at most 32.
    ///   - trustedProxies: How many proxies of ours stand in front of this process.
    /// - Throws: `SettingsError` for a name that is no header name, or that carries secrets: `authorization`,
    ///   `proxy-authorization`, `cookie`, `set-cookie`.
    public init(includesQuery: Bool = false, headers: [String], trustedProxies: Int = 0) throws {
        var problems = SettingsProblems()
        var fields: [(HTTPField.Name, String)] = []
        for name in Set(headers.map { $0.lowercased() }).sorted() {
            guard let field = HTTPField.Name(name) else {
                problems.add("OUTBOARD_EVENT_HEADERS: '\(name)': is no header name; leave it out")
                continue
            }
            guard !Self.secret.contains(field) else {
                problems.add("OUTBOARD_EVENT_HEADERS: '\(name)': carries secrets and is never published; leave it out")
                continue
            }
            fields.append((field, name))
        }
        if fields.count > 32 {
            problems.add("OUTBOARD_EVENT_HEADERS: \(fields.count) are too many; name 32 at most")
        }
        if !(0...8).contains(trustedProxies) {
            problems.add("OUTBOARD_TRUSTED_PROXIES=\(trustedProxies): needs a whole number from 0 to 8")
        }
        try problems.check()
        self.includesQuery = includesQuery
        self.headers = fields
        self.trustedProxies = trustedProxies
    }

    /// No query, no headers, no proxies.
    public init() {
        self.includesQuery = false
        self.headers = []
        self.trustedProxies = 0
    }

    private static let secret: Set<HTTPField.Name> = [
        .authorization, .proxyAuthorization, .cookie, .setCookie, .setCookie2,
    ]
}
