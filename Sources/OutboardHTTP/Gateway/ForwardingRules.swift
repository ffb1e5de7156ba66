import AsyncHTTPClient
import HTTPTypes
import NIOHTTP1

/// What the gateway makes of the heads that pass it (RFC 9110, section 7.6).
///
/// Fields that belong to one connection stay on it. `Host` is passed on as the client sent it, so that an application
/// behind the gateway makes the links that it would make without. What the client claims about proxies before it counts
/// only as far as there are proxies of ours.
struct ForwardingRules: Sendable {
    let origin: String
    let prefix: String
    let trustedProxies: Int

    /// Fields of one connection, whether or not `Connection` names them; `Proxy-Auth…` is between client and proxy.
    private static let connectionFields: Set<HTTPField.Name> = [
        .connection, .keepAlive, .proxyConnection, .proxyAuthorization, .proxyAuthenticate, .te, .trailer,
        .transferEncoding, .upgrade,
    ]
    /// Besides: what we answer, frame or say ourselves.
    private static let ownFields: Set<HTTPField.Name> = [
        .expect, .contentLength, .xForwardedFor, .xForwardedHost, .xForwardedProto, .xRequestID, .w3cTraceparent,
    ]
    /// Claims about earlier proxies that we do not continue.
    private static let claims: Set<HTTPField.Name> = [.forwarded, .xRealIP]

    /// The head of the upstream's request.
    ///
    /// - Throws: `Problem` for a target that has no path.
    func outgoing(_ head: HTTPRequest, peer: String?, identity: RequestIdentity) throws -> HTTPClientRequest {
        guard head.method != .connect else {
            throw Problem(status: .notImplemented, detail: "This gateway opens no tunnels.")
        }
        guard let path = head.path, path.hasPrefix("/") else {
            throw Problem(status: .badRequest, detail: "The request target needs to be a path.")
        }
        var request = HTTPClientRequest(url: origin + prefix + path)
        request.method = HTTPMethod(rawValue: head.method.rawValue)
        var headers = HTTPHeaders()
        headers.reserveCapacity(head.headerFields.count + 6)
        if let host = head.authority { headers.add(name: "Host", value: host) }
        let named = Self.namedByConnection(head.headerFields[values: .connection])
        for field in head.headerFields
        where !Self.connectionFields.contains(field.name) && !Self.ownFields.contains(field.name)
            && !named.contains(field.name.canonicalName)
            && (trustedProxies > 0 || !Self.claims.contains(field.name))
        {
            headers.add(name: field.name.rawName, value: field.value)
        }
        add(claimsOf: head, peer: peer, to: &headers)
        headers.add(name: "X-Request-Id", value: identity.requestID)
        headers.add(name: "traceparent", value: identity.traceparent)
        request.headers = headers
        return request
    }

    private func add(claimsOf head: HTTPRequest, peer: String?, to headers: inout HTTPHeaders) {
        let fields = head.headerFields
        let earlier = trustedProxies > 0 ? fields[.xForwardedFor] : nil
        let addresses = [earlier, peer].compactMap { $0 }.joined(separator: ", ")
        if !addresses.isEmpty { headers.add(name: "X-Forwarded-For", value: addresses) }
        let proto = trustedProxies > 0 ? fields[.xForwardedProto] : nil
        headers.add(name: "X-Forwarded-Proto", value: proto ?? "http")
        let host = trustedProxies > 0 ? fields[.xForwardedHost] : nil
        if let host = host ?? head.authority { headers.add(name: "X-Forwarded-Host", value: host) }
    }

    /// The fields of the client's response.
    func incoming(_ headers: HTTPHeaders) -> HTTPFields {
        let named = Self.namedByConnection(headers[canonicalForm: "connection"].map(String.init))
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count + 2)
        for (rawName, value) in headers {
            // A name that is no token could only come from an upstream that breaks the protocol.
            guard let name = HTTPField.Name(rawName), !Self.connectionFields.contains(name),
                !named.contains(name.canonicalName)
            else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }

    private static func namedByConnection(_ values: [String]) -> Set<String> {
        guard !values.isEmpty else { return [] }
        return Set(
            values.flatMap { $0.split(separator: ",") }.map { option in
                option.filter { $0 != " " && $0 != "\t" }.lowercased()
            })
    }
}
