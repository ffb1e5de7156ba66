import NIOHTTP1
import Testing

@testable import OutboardHTTP

@Suite("ConnectionRules")
struct ConnectionRulesTests {
    private func head(
        _ method: HTTPMethod = .GET, version: HTTPVersion = .http1_1, _ headers: HTTPHeaders = [:]
    ) -> HTTPRequestHead {
        HTTPRequestHead(version: version, method: method, uri: "/", headers: headers)
    }

    private func response(_ headers: HTTPHeaders = [:]) -> HTTPResponseHead {
        HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
    }

    @Test("keeps each answer with its request")
    func order() {
        var rules = ConnectionRules(maxBodyBytes: 10)
        for method in [HTTPMethod.HEAD, .GET, .HEAD] { #expect(rules.received(head(method)) == .pass) }
        for expected in [ConnectionRules.Transmission.swallow, .pass, .swallow] {
            _ = rules.writing(response())
            #expect(rules.writingBody() == expected)
            #expect(rules.writingEnd() == expected)
        }
    }

    @Test(
        "closes after a response that says so",
        arguments: [(HTTPMethod.GET, ConnectionRules.Transmission.passAndClose), (.HEAD, .swallowAndClose)])
    func close(method: HTTPMethod, expected: ConnectionRules.Transmission) {
        var rules = ConnectionRules(maxBodyBytes: 10)
        _ = rules.received(head(method))
        _ = rules.writing(response(["Connection": "x-a, Close"]))
        #expect(rules.writingEnd() == expected)
    }

    @Test(
        "tells a client that waits to go on, unless it has too much",
        arguments: [("10", ConnectionRules.Reception.passAndContinue), ("11", .pass)])
    func expectation(length: String, expected: ConnectionRules.Reception) {
        var rules = ConnectionRules(maxBodyBytes: 10)
        #expect(rules.received(head(.POST, ["Expect": "100-Continue", "Content-Length": length])) == expected)
    }

    @Test("speaks HTTP/1.0 with clients that know no other")
    func old() {
        var rules = ConnectionRules(maxBodyBytes: 10)
        _ = rules.received(head(version: .http1_0))
        let closing = rules.writing(response())
        #expect(closing.version == .http1_0 && closing.headers["connection"] == ["close"])
        #expect(rules.writingEnd() == .passAndClose)
        _ = rules.received(head(version: .http1_0, ["Connection": "keep-alive"]))
        let kept = rules.writing(response(["Content-Length": "3"]))
        #expect(kept.headers["connection"] == ["keep-alive"])
        #expect(rules.writingEnd() == .pass)
    }

    @Test("answers too large a head only where no earlier answer is due")
    func overflow() {
        var rules = ConnectionRules(maxBodyBytes: 10)
        #expect(rules.headerOverflow() == .answer)
        _ = rules.received(head())
        #expect(rules.headerOverflow() == .pass)
    }

    @Test("lets an informational head be no answer")
    func informational() {
        var rules = ConnectionRules(maxBodyBytes: 10)
        _ = rules.received(head(.HEAD))
        _ = rules.writing(HTTPResponseHead(version: .http1_1, status: .continue, headers: ["Connection": "close"]))
        #expect(rules.writingEnd() == .swallow)
    }
}
