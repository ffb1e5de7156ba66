import AsyncHTTPClient
import HTTPTypes
import NIOHTTP1
import Testing

@testable import OutboardHTTP

@Suite("ForwardingRules")
struct ForwardingRulesTests {
    private let identity = RequestIdentity([.xRequestID: "id-1"])

    private func rules(trustedProxies: Int = 0) -> ForwardingRules {
        ForwardingRules(origin: "http://app:3000", prefix: "/base", trustedProxies: trustedProxies)
    }

    private func request(
        _ path: String? = "/a/b?c=d", method: HTTPTypes.HTTPRequest.Method = .get, _ fields: HTTPFields = [:]
    ) -> HTTPTypes.HTTPRequest {
        HTTPTypes.HTTPRequest(
            method: method, scheme: "http", authority: "shop.example", path: path, headerFields: fields)
    }

    @Test("keeps the path as it is, behind the prefix", arguments: ["/", "/a%2Fb//c?x=%20&y", "/ü"])
    func path(path: String) throws {
        let outgoing = try rules().outgoing(request(path), peer: nil, identity: identity)
        #expect(outgoing.url == "http://app:3000/base" + path)
    }

    @Test("removes what belongs to the client's connection")
    func hopByHop() throws {
        let fields: HTTPFields = [
            .connection: "keep-alive, X-Secret , x-other", .keepAlive: "timeout=5", .te: "trailers", .trailer: "X-T",
            .transferEncoding: "chunked", .upgrade: "websocket", .proxyAuthorization: "Basic eA==",
            .proxyConnection: "keep-alive", .expect: "100-continue", HTTPField.Name("X-Secret")!: "1",
            HTTPField.Name("X-Other")!: "2", .accept: "text/html",
        ]
        let headers = try rules().outgoing(request(fields), peer: "10.1.1.1", identity: identity).headers
        #expect(
            Set(headers.map { $0.name.lowercased() }) == [
                "host", "accept", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-request-id",
                "traceparent",
            ])
        #expect(headers["host"] == ["shop.example"] && headers["x-request-id"] == ["id-1"])
        #expect(headers["traceparent"] == [identity.traceparent])
    }

    private func request(_ fields: HTTPFields) -> HTTPTypes.HTTPRequest { request("/", fields) }

    private func request(_ path: String, _ fields: HTTPFields) -> HTTPTypes.HTTPRequest {
        request(path, method: .get, fields)
    }

    @Test("believes nothing that a client says of proxies")
    func claims() throws {
        let fields: HTTPFields = [
            .xForwardedFor: "6.6.6.6", .xForwardedProto: "https", .xForwardedHost: "evil", .forwarded: "for=6.6.6.6",
            .xRealIP: "6.6.6.6",
        ]
        let headers = try rules().outgoing(request(fields), peer: "10.1.1.1", identity: identity).headers
        #expect(headers["x-forwarded-for"] == ["10.1.1.1"] && headers["x-forwarded-proto"] == ["http"])
        #expect(headers["x-forwarded-host"] == ["shop.example"])
        #expect(!headers.contains(name: "forwarded") && !headers.contains(name: "x-real-ip"))
    }

    @Test("continues what proxies of ours say")
    func trusted() throws {
        let fields: HTTPFields = [.xForwardedFor: "1.2.3.4", .xForwardedProto: "https", .xForwardedHost: "shop"]
        let headers = try rules(trustedProxies: 1).outgoing(request(fields), peer: "10.1.1.1", identity: identity)
            .headers
        #expect(headers["x-forwarded-for"] == ["1.2.3.4, 10.1.1.1"] && headers["x-forwarded-proto"] == ["https"])
        #expect(headers["x-forwarded-host"] == ["shop"])
    }

    @Test("refuses targets that are no path", arguments: [nil, "*", "", "example.org:443"] as [String?])
    func targets(path: String?) {
        #expect(throws: Problem.self) { try rules().outgoing(request(path), peer: nil, identity: identity) }
    }

    @Test("removes what belongs to the upstream's connection, keeps all else in order")
    func incoming() {
        let headers: HTTPHeaders = [
            "Set-Cookie": "a=1", "Connection": "close, x-hop", "X-Hop": "1", "Keep-Alive": "timeout=5",
            "Transfer-Encoding": "chunked", "Set-Cookie": "b=2", "Content-Length": "5", "Proxy-Authenticate": "Basic",
        ]
        let fields = rules().incoming(headers)
        #expect(
            fields.map { "\($0.name.canonicalName)=\($0.value)" } == [
                "set-cookie=a=1", "set-cookie=b=2", "content-length=5",
            ])
    }
}
