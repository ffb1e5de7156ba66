import Foundation
import Testing

@testable import Outboard

/// Requests with everything and with nothing.
enum SampleRequests {
    static let full = HTTPRequest(
        method: "GET", path: "/users/ä\"\\\n", route: "/users/:id", status: 204, durationMicroseconds: 1_234,
        requestBytes: 5, responseBytes: 1 << 40, client: "::1", userAgent: "tëst/1 😀", host: "localhost",
        requestID: "r-1", query: "a=b&c=\u{1}", headers: ["x-b": "2\"", "x-a": "1"])
    static let least = HTTPRequest(method: "", path: "", status: 0, requestID: "")
    static let all = [full, least]
}

@Suite("HTTPRequest: written at once, read lazily")
struct HTTPRequestTests {
    private func read(_ data: String) throws -> HTTPRequest {
        try HTTPRequest.read(from: JSONSlice(slice: slice(data)))
    }

    private func text(_ request: HTTPRequest) -> String {
        var json = JSONWriter()
        request.write(to: &json)
        return json.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("reads what it writes", arguments: SampleRequests.all)
    func roundTrip(request: HTTPRequest) throws {
        let received = try read(text(request))
        #expect(received == request)
        #expect(text(received) == text(request))
    }

    @Test("writes null for a request without a route and leaves out what else is not there")
    func leavesOut() {
        #expect(
            text(SampleRequests.least)
                == #"{"method":"","path":"","route":null,"status":0,"duration_us":0,"request_bytes":0,"#
                + #""response_bytes":0,"request_id":""}"#)
    }

    @Test("reads members in any order, with whitespace, escapes and members that it does not know")
    func anyOrder() throws {
        let request = try read(
            #" { "n":{"status":[1]}, "hea\u0064ers" : {"\u0061":"\/"}, "status":2e2, "p\u0061th":"\/x", "route":"r", "#
                .trimmingCharacters(in: .whitespaces)
                + #""method":"P\u004fST", "duration_us":1.0, "client":null, "query":"", "method":"PUT" }"#)
        #expect(
            request
                == HTTPRequest(
                    method: "PUT", path: "/x", route: "r", status: 200, durationMicroseconds: 1, requestID: "",
                    query: "",
                    headers: ["a": "/"]))
    }

    @Test("the short way and the long way read the same", arguments: SampleRequests.all)
    func bothWays(request: HTTPRequest) throws {
        let spaced = "{ " + text(request).dropFirst()
        #expect(try read(spaced) == request)
    }

    @Test("takes integers in any form that is whole", arguments: ["200", "200.0", "2e2", "2E+2", "2000e-1"])
    func integers(status: String) throws {
        #expect(try read(#"{"method":"GET","path":"/","status":\#(status)}"#).status == 200)
        #expect(try read(#"{"method":"GET","path":"/","route":null,"status":\#(status)}"#).status == 200)
    }

    @Test("keeps integers exact", arguments: [Int.max, .min, 9_007_199_254_740_993, -1, 0])
    func exact(value: Int) throws {
        #expect(try read(#"{"method":"GET","path":"/","status":\#(value)}"#).status == value)
    }

    @Test(
        "a member of the wrong kind fails the event and is named",
        arguments: [
            ("method", "1"), ("path", "{}"), ("path", "true"), ("route", "7"), ("status", "\"200\""),
            ("status", "200.5"),
            ("status", "9223372036854775808"), ("status", "1e400"), ("duration_us", "\"1\""), ("request_bytes", "[]"),
            ("response_bytes", "true"), ("client", "1"), ("user_agent", "{}"), ("host", "[]"), ("request_id", "1"),
            ("query", "false"), ("headers", "[]"), ("headers", #"{"a":1}"#), ("headers", #"{"a":null}"#),
            ("st\\u0061tus", "true"),
        ])
    func wrongKind(name: String, value: String) {
        let error = #expect(throws: EventError.self) {
            try read(#"{"method":"GET","path":"/","status":200,"\#(name)":\#(value)}"#)
        }
        #expect(error?.code == .invalidData)
        #expect(error?.description.contains(name.replacing("\\u0061", with: "a")) == true)
    }

    @Test("method, path and status must be there", arguments: ["method", "path", "status"])
    func missing(name: String) {
        let members = ["method": "\"GET\"", "path": "\"/\"", "status": "200"]
        for value in [nil, "null"] {
            var members = members
            members[name] = value
            let data = "{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
            let error = #expect(throws: EventError.self) { try read(data) }
            #expect(error?.description.contains(name) == true)
        }
    }

    @Test("is coded by Foundation under the same names", arguments: SampleRequests.all)
    func codable(request: HTTPRequest) throws {
        let theirs = try JSONEncoder().encode(request)
        #expect(try read(String(decoding: theirs, as: UTF8.self)) == request)
        #expect(try JSONDecoder().decode(HTTPRequest.self, from: Data(text(request).utf8)) == request)
    }

    @Test("a received request can be changed")
    func changed() throws {
        var request = try read(text(SampleRequests.full))
        request.status = 500
        request.route = nil
        #expect(request.status == 500)
        #expect(request.route == nil)
        #expect(request.path == SampleRequests.full.path)
        #expect(request.headers == SampleRequests.full.headers)
    }
}
