extension HTTPRequest: Equatable {
    /// Whether all values are the same, wherever they are.
    public static func == (left: HTTPRequest, right: HTTPRequest) -> Bool {
        left.method == right.method && left.path == right.path && left.route == right.route
            && left.status == right.status && left.durationMicroseconds == right.durationMicroseconds
            && left.requestBytes == right.requestBytes && left.responseBytes == right.responseBytes
            && left.client == right.client && left.userAgent == right.userAgent && left.host == right.host
            && left.requestID == right.requestID && left.query == right.query && left.headers == right.headers
    }
}

/// For whoever wants to store requests; the bus itself uses `write(to:)` and `read(from:)`.
extension HTTPRequest: Codable {
    enum CodingKeys: String, CodingKey {
        case method, path, route, status
        case durationMicroseconds = "duration_us"
        case requestBytes = "request_bytes"
        case responseBytes = "response_bytes"
        case client
        case userAgent = "user_agent"
        case host
        case requestID = "request_id"
        case query, headers
    }

    /// Reads the members that docs/protocol.md lists, with any decoder.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            method: try values.decode(String.self, forKey: .method),
            path: try values.decode(String.self, forKey: .path),
            route: try values.decodeIfPresent(String.self, forKey: .route),
            status: try values.decode(Int.self, forKey: .status),
            durationMicroseconds: try values.decodeIfPresent(Int.self, forKey: .durationMicroseconds) ?? 0,
            requestBytes: try values.decodeIfPresent(Int.self, forKey: .requestBytes) ?? 0,
            responseBytes: try values.decodeIfPresent(Int.self, forKey: .responseBytes) ?? 0,
            client: try values.decodeIfPresent(String.self, forKey: .client),
            userAgent: try values.decodeIfPresent(String.self, forKey: .userAgent),
            host: try values.decodeIfPresent(String.self, forKey: .host),
            requestID: try values.decodeIfPresent(String.self, forKey: .requestID) ?? "",
            query: try values.decodeIfPresent(String.self, forKey: .query),
            headers: try values.decodeIfPresent([String: String].self, forKey: .headers) ?? [:])
    }

    /// Writes the members that docs/protocol.md lists, with any encoder.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(method, forKey: .method)
        try values.encode(path, forKey: .path)
        try values.encode(route, forKey: .route)
        try values.encode(status, forKey: .status)
        try values.encode(durationMicroseconds, forKey: .durationMicroseconds)
        try values.encode(requestBytes, forKey: .requestBytes)
        try values.encode(responseBytes, forKey: .responseBytes)
        try values.encodeIfPresent(client, forKey: .client)
        try values.encodeIfPresent(userAgent, forKey: .userAgent)
        try values.encodeIfPresent(host, forKey: .host)
        try values.encode(requestID, forKey: .requestID)
        try values.encodeIfPresent(query, forKey: .query)
        if !headers.isEmpty { try values.encode(headers, forKey: .headers) }
    }
}
