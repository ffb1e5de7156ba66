/// The payload of `http.request`: one request that a core has answered.
///
/// A request that came over the bus is read lazily: a plugin that asks for `status` and `route` makes only the text of
/// the route. The kinds of all values were checked when the event was made.
public struct HTTPRequest: EventPayload {
    /// `http.request`.
    public static let eventType = "http.request"

    private var form: Form

    /// Where the values are.
    private enum Form: Sendable {
        case made(HTTPRequestMade)
        case received(HTTPRequestView)
    }

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - method: As in the request line, for example `GET`.
    ///   - path: Without the query.
    ///   - route: The template that matched, for example `/users/:id`; nil if none did.
    ///   - status: Of the response, for example 200.
    ///   - durationMicroseconds: From the request's head to the last byte of the response.
    ///   - requestBytes: Of the request's body.
    ///   - responseBytes: Of the response's body.
    ///   - client: The address of the client.
    ///   - userAgent: The header of that name.
    ///   - host: The header of that name.
    ///   - requestID: What ties this event to log lines.
    ///   - query: What stands behind `?`, where the core is configured to tell.
    ///   - headers: Those that the core is configured to tell, names in lower case.
    public init(
        method: String, path: String, route: String? = nil, status: Int, durationMicroseconds: Int = 0,
        requestBytes: Int = 0, responseBytes: Int = 0, client: String? = nil, userAgent: String? = nil,
        host: String? = nil, requestID: String, query: String? = nil, headers: [String: String] = [:]
    ) {
        form = .made(
            HTTPRequestMade(
                HTTPRequestFields(
                    method: method, path: path, route: route, status: status,
                    durationMicroseconds: durationMicroseconds, requestBytes: requestBytes,
                    responseBytes: responseBytes, client: client, userAgent: userAgent, host: host,
                    requestID: requestID, query: query, headers: headers)))
    }

    private init(form: Form) {
        self.form = form
    }

    /// As in the request line, for example `GET`.
    public var method: String {
        get {
            switch form {
            case .made(let made): made.fields.method
            case .received(let view): view.method
            }
        }
        set { fields.method = newValue }
    }
    /// Without the query.
    public var path: String {
        get {
            switch form {
            case .made(let made): made.fields.path
            case .received(let view): view.string(view.places.path) ?? ""
            }
        }
        set { fields.path = newValue }
    }
    /// The template that matched, for example `/users/:id`; nil if none did.
    public var route: String? {
        get {
            switch form {
            case .made(let made): made.fields.route
            case .received(let view): view.string(view.places.route)
            }
        }
        set { fields.route = newValue }
    }
    /// Of the response, for example 200.
    public var status: Int {
        get {
            switch form {
            case .made(let made): made.fields.status
            case .received(let view): view.places.status
            }
        }
        set { fields.status = newValue }
    }
    /// From the request's head to the last byte of the response.
    public var durationMicroseconds: Int {
        get {
            switch form {
            case .made(let made): made.fields.durationMicroseconds
            case .received(let view): view.places.durationMicroseconds
            }
        }
        set { fields.durationMicroseconds = newValue }
    }
    /// Of the request's body.
    public var requestBytes: Int {
        get {
            switch form {
            case .made(let made): made.fields.requestBytes
            case .received(let view): view.places.requestBytes
            }
        }
        set { fields.requestBytes = newValue }
    }
    /// Of the response's body.
    public var responseBytes: Int {
        get {
            switch form {
            case .made(let made): made.fields.responseBytes
            case .received(let view): view.places.responseBytes
            }
        }
        set { fields.responseBytes = newValue }
    }
    /// The address of the client.
    public var client: String? {
        get {
            switch form {
            case .made(let made): made.fields.client
            case .received(let view): view.string(view.places.client)
            }
        }
        set { fields.client = newValue }
    }
    /// The header `User-Agent`.
    public var userAgent: String? {
        get {
            switch form {
            case .made(let made): made.fields.userAgent
            case .received(let view): view.string(view.places.userAgent)
            }
        }
        set { fields.userAgent = newValue }
    }
    /// The header `Host`.
    public var host: String? {
        get {
            switch form {
            case .made(let made): made.fields.host
            case .received(let view): view.string(view.places.host)
            }
        }
        set { fields.host = newValue }
    }
    /// What ties this event to log lines; empty if the publisher gave none.
    public var requestID: String {
        get {
            switch form {
            case .made(let made): made.fields.requestID
            case .received(let view): view.string(view.places.requestID) ?? ""
            }
        }
        set { fields.requestID = newValue }
    }
    /// What stands behind `?`, where the core is configured to tell.
    public var query: String? {
        get {
            switch form {
            case .made(let made): made.fields.query
            case .received(let view): view.string(view.places.query)
            }
        }
        set { fields.query = newValue }
    }
    /// Headers that the core is configured to tell, names in lower case.
    public var headers: [String: String] {
        get {
            switch form {
            case .made(let made): made.fields.headers
            case .received(let view): view.headers
            }
        }
        set { fields.headers = newValue }
    }

    /// All values; writing one turns a received request into one that was made here.
    private var fields: HTTPRequestFields {
        get {
            switch form {
            case .made(let made): made.fields
            case .received(let view): view.fields
            }
        }
        set { form = .made(HTTPRequestMade(newValue)) }
    }
}

extension HTTPRequest {
    /// Writes the object that docs/protocol.md describes.
    public func write(to json: inout JSONWriter) {
        switch form {
        case .made(let made): made.write(to: &json)
        case .received(let view): view.json.withBytes { json.append($0) }
        }
    }

    /// Reads such an object; members that it does not list are ignored, `method`, `path` and `status` must be there.
    public static func read(from json: JSONSlice) throws -> HTTPRequest {
        HTTPRequest(form: .received(try json.request ?? HTTPRequestView(json)))
    }
}
