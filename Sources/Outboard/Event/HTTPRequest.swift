/// The payload of `http.request`: one request that a core has answered. (Interface agreed; body to be replaced.)
public struct HTTPRequest: EventPayload, Equatable {
    public static let eventType = "http.request"
    public var method: String
    public var path: String
    public var route: String?
    public var status: Int
    public var durationMicroseconds: Int
    public var requestBytes: Int
    public var responseBytes: Int
    public var client: String?
    public var userAgent: String?
    public var host: String?
    public var requestID: String
    public var query: String?
    public var headers: [String: String]

    public init(
        method: String, path: String, route: String? = nil, status: Int, durationMicroseconds: Int = 0,
        requestBytes: Int = 0, responseBytes: Int = 0, client: String? = nil, userAgent: String? = nil,
        host: String? = nil, requestID: String, query: String? = nil, headers: [String: String] = [:]
    ) {
        self.method = method
        self.path = path
        self.route = route
        self.status = status
        self.durationMicroseconds = durationMicroseconds
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.client = client
        self.userAgent = userAgent
        self.host = host
        self.requestID = requestID
        self.query = query
        self.headers = headers
    }
}
