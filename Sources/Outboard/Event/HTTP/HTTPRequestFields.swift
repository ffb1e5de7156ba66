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
}

/// The values of a request that was made here, as one reference: whoever passes the request on, or writes it, counts one
/// and not one for each text.
final class HTTPRequestMade: Sendable {
    let fields: HTTPRequestFields

    init(_ fields: HTTPRequestFields) { self.fields = fields }

    /// Writes the object that docs/protocol.md describes, in its order; `route` is null where there is none, others that
    /// have no value are left out.
    func write(to json: inout JSONWriter) {
        json.append("{\"method\":")
        json.string(fields.method)
        json.append(",\"path\":")
        json.string(fields.path)
        json.append(",\"route\":")
        if let route = fields.route { json.string(route) } else { json.append("null") }
        json.append(",\"status\":")
        json.integer(fields.status)
        json.append(",\"duration_us\":")
        json.integer(fields.durationMicroseconds)
        json.append(",\"request_bytes\":")
        json.integer(fields.requestBytes)
        json.append(",\"response_bytes\":")
        json.integer(fields.responseBytes)
        if let client = fields.client {
            json.append(",\"client\":")
            json.string(client)
        }
        if let userAgent = fields.userAgent {
            json.append(",\"user_agent\":")
            json.string(userAgent)
        }
        if let host = fields.host {
            json.append(",\"host\":")
            json.string(host)
        }
        json.append(",\"request_id\":")
        json.string(fields.requestID)
        if let query = fields.query {
            json.append(",\"query\":")
            json.string(query)
        }
        if !fields.headers.isEmpty {
            json.append(",\"headers\":")
            json.object(fields.headers)
        }
        json.append("}")
    }
}
