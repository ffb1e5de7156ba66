import Testing

@testable import Outboard

@Suite("Requests received one after the other")
struct ReceivedRequestsTests {
    private func request(_ number: Int, _ requests: inout ReceivedRequests) throws -> HTTPRequest {
        let writer = try EventTemplate(publisher: "p", type: HTTPRequest.eventType, lane: 0)
        var bytes = EventWriter()
        let request = HTTPRequest(
            method: "GET", path: "/\(number)", route: "/:id", status: 200 + number, requestID: "r\(number)")
        try bytes.write(
            request, template: writer, id: UInt64(number), time: .now)
        let slice = bytes.withBytes { ByteSlice(copying: $0) }
        return try EventScanner.withElement(in: slice) { element in
            try element.received(in: slice, &requests).event(of: HTTPRequest.self).data
        }
    }

    @Test("one that is kept stays as it was when the next ones come, and a copy is a value of its own")
    func kept() throws {
        var requests = ReceivedRequests()
        let first = try request(1, &requests)
        var second = try request(2, &requests)
        let third = second
        second.path = "/changed"
        let fourth = try request(4, &requests)
        #expect([first.path, second.path, third.path, fourth.path] == ["/1", "/changed", "/2", "/4"])
        #expect([first.status, third.status, fourth.status] == [201, 202, 204])
        #expect([first.requestID, third.requestID, fourth.requestID] == ["r1", "r2", "r4"])
    }

    @Test("one that nobody has any more gives its place to the next, whose values are the next one's")
    func reused() throws {
        var requests = ReceivedRequests()
        for number in 1..<100 {
            let request = try request(number, &requests)
            #expect(request.path == "/\(number)" && request.status == 200 + number)
        }
    }
}
