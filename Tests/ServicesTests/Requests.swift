import Outboard

extension HTTPRequest {
    /// A request with defaults for what a test does not look at.
    static func fixture(
        _ path: String = "/hello", route: String? = "/hello", status: Int = 200, duration: Int = 250,
        client: String? = "10.0.0.1", userAgent: String? = nil, query: String? = nil
    ) -> HTTPRequest {
        HTTPRequest(
            method: "GET", path: path, route: route, status: status, durationMicroseconds: duration, client: client,
            userAgent: userAgent, requestID: "1", query: query)
    }
}
