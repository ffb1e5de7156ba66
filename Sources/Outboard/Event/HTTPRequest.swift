/// The payload of `http.request`: one request that a core has answered.
///
/// One that came over the bus keeps the event's bytes and makes a text only when it is asked for.
public struct HTTPRequest: EventPayload {
    public static let eventType = "http.request"

    /// The answer's status code, 100 through 599.
    public let status: Int
    /// From the request's head to the last byte of the answer, in microseconds.
    public let durationMicroseconds: Int
    /// Bytes of the request's body that were read.
    public let requestBytes: Int
    /// Bytes of the answer's body that were written.
    public let responseBytes: Int
    private let texts: Texts

    private enum Texts: Sendable {
        case own(OwnTexts)
        case wire(HTTPRequestWire)
    }

    /// Texts of a request that was made by hand; a class, so that the payload stays small.
    private final class OwnTexts: Sendable {
        let method: String
        let path: String
        let route: String?
        let client: String?
        let userAgent: String?
        let host: String?
        let requestID: String
        let query: String?
        let headers: [String: String]

        init(
            method: String, path: String, route: String?, client: String?, userAgent: String?, host: String?,
            requestID: String, query: String?, headers: [String: String]
        ) {
            self.method = method
            self.path = path
            self.route = route
            self.client = client
            self.userAgent = userAgent
            self.host = host
            self.requestID = requestID
            self.query = query
            self.headers = headers
        }
    }

    /// Describes one answered request.
    ///
    /// - Parameters:
    ///   - path: Without the query.
    ///   - route: The template that matched, for example `/users/{id}`; nil if none did.
    ///   - client: The client's address.
    ///   - headers: Only those that the operator listed; names in lower case.
    public init(
        method: String, path: String, route: String? = nil, status: Int, durationMicroseconds: Int = 0,
        requestBytes: Int = 0, responseBytes: Int = 0, client: String? = nil, userAgent: String? = nil,
        host: String? = nil, requestID: String, query: String? = nil, headers: [String: String] = [:]
    ) {
        self.status = status
        self.durationMicroseconds = durationMicroseconds
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.texts = .own(
            OwnTexts(
                method: method, path: path, route: route, client: client, userAgent: userAgent, host: host,
                requestID: requestID, query: query, headers: headers))
    }

    private init(wire: HTTPRequestWire) {
        self.status = wire.status
        self.durationMicroseconds = wire.durationMicroseconds
        self.requestBytes = wire.requestBytes
        self.responseBytes = wire.responseBytes
        self.texts = .wire(wire)
    }

    /// The request's method, for example `GET`.
    public var method: String { text(\.method, .method) ?? "" }
    /// The request's path without its query.
    public var path: String { text(\.path, .path) ?? "" }
    /// The template of the route that matched, for example `/users/{id}`; nil if none did.
    public var route: String? { text(\.route, .route) }
    /// The client's address.
    public var client: String? { text(\.client, .client) }
    /// The header `User-Agent`.
    public var userAgent: String? { text(\.userAgent, .userAgent) }
    /// The header `Host`.
    public var host: String? { text(\.host, .host) }
    /// The id under which the request is found in logs; empty if the event has none.
    public var requestID: String { text(\.requestID, .requestID) ?? "" }
    /// The query, where the core is configured to tell it.
    public var query: String? { text(\.query, .query) }
    /// The listed headers, names in lower case.
    public var headers: [String: String] {
        switch texts {
        case .own(let own): own.headers
        case .wire(let wire): wire.headers
        }
    }

    private func text(_ own: KeyPath<OwnTexts, String>, _ wire: HTTPRequestWire.Member) -> String? {
        switch texts {
        case .own(let texts): texts[keyPath: own]
        case .wire(let request): request.text(wire)
        }
    }

    private func text(_ own: KeyPath<OwnTexts, String?>, _ wire: HTTPRequestWire.Member) -> String? {
        switch texts {
        case .own(let texts): texts[keyPath: own]
        case .wire(let request): request.text(wire)
        }
    }

    // MARK: JSON

    public func write(to json: inout JSONWriter) {
        if case .wire(let wire) = texts { return wire.write(to: &json) }
        guard case .own(let own) = texts else { return }
        json.beginObject()
        json.member("method", own.method)
        json.member("path", own.path)
        json.member("route", own.route)
        json.member("status", status)
        json.member("duration_us", durationMicroseconds)
        json.member("request_bytes", requestBytes)
        json.member("response_bytes", responseBytes)
        if let client = own.client { json.member("client", client) }
        if let userAgent = own.userAgent { json.member("user_agent", userAgent) }
        if let host = own.host { json.member("host", host) }
        json.member("request_id", own.requestID)
        if let query = own.query { json.member("query", query) }
        if !own.headers.isEmpty {
            json.name("headers")
            json.object(own.headers)
        }
        json.endObject()
    }

    public static func read(from json: JSONSlice) throws -> HTTPRequest {
        HTTPRequest(wire: try HTTPRequestWire(json.slice))
    }
}
