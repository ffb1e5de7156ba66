/// The values of a request that was made here.
struct HTTPRequestFields: Sendable {
    var method: String
    var path: String
    var route: String?
    var status: Int
    var durationMicroseconds: Int
    var requestBytes: Int
    var responseBytes: Int
    var client: String?
    var userAgent: String?
    var host: String?
    var requestID: String
    var query: String?
    var headers: [String: String]

    /// Writes the object that docs/protocol.md describes, in its order; `route` is null where there is none, others that
    /// have no value are left out.
    func write(to json: inout JSONWriter) {
        json.append("{\"method\":")
        json.string(method)
        json.append(",\"path\":")
        json.string(path)
        json.append(",\"route\":")
        if let route { json.string(route) } else { json.append("null") }
        json.append(",\"status\":")
        json.integer(status)
        json.append(",\"duration_us\":")
        json.integer(durationMicroseconds)
        json.append(",\"request_bytes\":")
        json.integer(requestBytes)
        json.append(",\"response_bytes\":")
        json.integer(responseBytes)
        if let client {
            json.append(",\"client\":")
            json.string(client)
        }
        if let userAgent {
            json.append(",\"user_agent\":")
            json.string(userAgent)
        }
        if let host {
            json.append(",\"host\":")
            json.string(host)
        }
        json.append(",\"request_id\":")
        json.string(requestID)
        if let query {
            json.append(",\"query\":")
            json.string(query)
        }
        if !headers.isEmpty {
            json.append(",\"headers\":")
            json.object(headers)
        }
        json.append("}")
    }
}

/// The values of a request that was made here, as one reference: whoever passes the request on, or writes it, counts one
/// and not one for each text.
final class HTTPRequestMade: Sendable {
    let fields: HTTPRequestFields

    init(_ fields: HTTPRequestFields) { self.fields = fields }
}
