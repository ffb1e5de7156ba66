import Outboard
import OutboardRedis

/// The event that all contenders publish: an ordinary request of 304 bytes.
enum SampleEvent {
    static let publisher = "bench-0123456789abcdef"
    /// Numbers begin here, so that all have seven digits and can be written into a finished frame.
    static let firstNumber: UInt64 = 1_000_000
    static let size = 304

    static let request = HTTPRequest(
        method: "GET", path: "/users/4711", route: "/users/:id", status: 200, durationMicroseconds: 431,
        requestBytes: 0, responseBytes: 10, requestID: "7c9e6679")

    /// One event as the bus writes it.
    static func bytes(lane: Int, number: UInt64 = firstNumber, time: Timestamp = .now) throws -> [UInt8] {
        let template = try EventTemplate(publisher: publisher, type: HTTPRequest.eventType, lane: lane)
        var writer = EventWriter()
        try writer.write(request, template: template, id: number, time: time)
        return writer.withBytes { Array($0) }
    }

    static func channel(lane: Int) -> String { Bench.names.events(type: HTTPRequest.eventType, lane: lane) }

    /// A `PUBLISH` of one event as it goes over the wire.
    static func command(lane: Int, time: Timestamp = .now) throws -> [UInt8] {
        let channel = channel(lane: lane)
        let payload = try bytes(lane: lane, time: time)
        let head = "*3\r\n$7\r\nPUBLISH\r\n$\(channel.utf8.count)\r\n\(channel)\r\n$\(payload.count)\r\n"
        return Array(head.utf8) + payload + Array("\r\n".utf8)
    }
}
