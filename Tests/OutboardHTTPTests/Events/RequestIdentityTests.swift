import HTTPTypes
import Testing

@testable import OutboardHTTP

@Suite("RequestIdentity")
struct RequestIdentityTests {
    @Test(
        "takes a valid id from the request", arguments: ["a", "abc-123_X.y~z:/+=@", String(repeating: "a", count: 128)])
    func taken(id: String) {
        #expect(RequestIdentity([.xRequestID: id]).requestID == id)
    }

    @Test(
        "makes an id where there is none or a bad one",
        arguments: [nil, "", "a b", "ä", "a\"b", "<script>", String(repeating: "a", count: 129)] as [String?])
    func made(id: String?) {
        var headers = HTTPFields()
        headers[.xRequestID] = id
        let identity = RequestIdentity(headers)
        #expect(identity.requestID != id && identity.requestID.utf8.count == 32)
    }

    @Test("continues the trace of the request")
    func trace() {
        let identity = RequestIdentity([.w3cTraceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"])
        #expect(identity.traceparent.hasPrefix("00-4bf92f3577b34da6a3ce929d0e0e4736-"))
        #expect(identity.traceparent.hasSuffix("-00") && !identity.traceparent.contains("00f067aa0ba902b7"))
    }
}
