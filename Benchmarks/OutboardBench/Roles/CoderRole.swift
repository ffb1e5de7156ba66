import Foundation
import Outboard

/// Writes or reads one event again and again, with our coders or Foundation's.
struct CoderRole: Codable, Sendable {
    enum Coder: String, Codable, Sendable {
        case ours, foundation
    }
    enum Direction: String, Codable, Sendable {
        case encode, decode
    }

    let coder: Coder
    let direction: Direction
    let events: Int

    func run() throws -> Sample {
        let turn = try turn()
        for _ in 0..<max(1, events / 10) { try turn() }
        let watch = Stopwatch()
        for _ in 0..<events { try turn() }
        return watch.sample(events: events)
    }

    /// One event, with everything that can be made beforehand made.
    private func turn() throws -> () throws -> Void {
        let time = Timestamp.now
        let bytes = try SampleEvent.bytes(lane: 0, time: time)
        switch (coder, direction) {
        case (.ours, .encode): return try ourEncoder(time, bytes)
        case (.ours, .decode): return ourDecoder(bytes)
        case (.foundation, .encode):
            let encoder = JSONEncoder()
            let event = CloudEvent(SampleEvent.request, time: time)
            return { try Self.check(try encoder.encode(event).count >= bytes.count) }
        case (.foundation, .decode):
            let decoder = JSONDecoder()
            let data = Data(bytes)
            return { try Self.check(try decoder.decode(CloudEvent.self, from: data).data.status == 200) }
        }
    }

    private func ourEncoder(_ time: Timestamp, _ bytes: [UInt8]) throws -> () throws -> Void {
        let template = try EventTemplate(publisher: SampleEvent.publisher, type: HTTPRequest.eventType, lane: 0)
        let request = SampleEvent.request
        let writer = Box(EventWriter())
        return {
            try writer.value.write(request, template: template, id: SampleEvent.firstNumber, time: time)
            try Self.check(writer.value.withBytes { $0.count } == bytes.count)
        }
    }

    /// Reads of the event what request-counter does, as a replica hands it over.
    private func ourDecoder(_ bytes: [UInt8]) -> () throws -> Void {
        let slice = bytes.withUnsafeBytes { ByteSlice(copying: $0) }
        let requests = Box(ReceivedRequests())
        return {
            let isRight = try EventScanner.withElement(in: slice) { element in
                let request = try element.received(in: slice, &requests.value).event(of: HTTPRequest.self).data
                return request.status == 200 && request.method == "GET" && request.route == "/users/:id"
            }
            try Self.check(isRight)
        }
    }

    /// Uses what was made, so that the compiler cannot leave it out.
    private static func check(_ isRight: Bool) throws {
        guard isRight else { throw BenchError("a coder is wrong") }
    }
}

/// Lets a closure change a value that cannot be copied.
private final class Box<Value: ~Copyable> {
    var value: Value
    init(_ value: consuming Value) { self.value = value }
}

/// The event as anybody would declare it for Foundation's coders.
private struct CloudEvent: Codable {
    var specversion = "1.0"
    var source = "/\(SampleEvent.publisher)/\(HTTPRequest.eventType)/0"
    var id = "\(SampleEvent.firstNumber)"
    var type = HTTPRequest.eventType
    var time: String
    var datacontenttype = "application/json"
    var data: Request

    struct Request: Codable {
        var method: String
        var path: String
        var route: String?
        var status: Int
        var durationMicroseconds: Int
        var requestBytes: Int
        var responseBytes: Int
        var requestID: String

        enum CodingKeys: String, CodingKey {
            case method, path, route, status
            case durationMicroseconds = "duration_us"
            case requestBytes = "request_bytes"
            case responseBytes = "response_bytes"
            case requestID = "request_id"
        }
    }

    init(_ request: HTTPRequest, time: Timestamp) {
        self.time = time.description
        data = Request(
            method: request.method, path: request.path, route: request.route, status: request.status,
            durationMicroseconds: request.durationMicroseconds, requestBytes: request.requestBytes,
            responseBytes: request.responseBytes, requestID: request.requestID)
    }
}
