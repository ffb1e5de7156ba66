import Foundation
import Outboard
import OutboardRedis

/// Publishes as many `http.request` events as `OUTBOARD_EVENTS` says, as an application does: through an `EventBus`.
@main
enum EventPublisher {
    static func main() async throws {
        guard let count = ProcessInfo.processInfo.environment["OUTBOARD_EVENTS"].flatMap({ Int($0) }) else {
            FileHandle.standardError.write(Data("EventPublisher: OUTBOARD_EVENTS: needs the number of events\n".utf8))
            exit(64)
        }
        let bus = try EventBus(BusConfiguration())
        for number in 1...max(1, count) {
            try bus.publish(
                HTTPRequest(
                    method: "GET", path: "/hello/\(number)", route: "/hello/:number", status: 200,
                    requestID: "\(number)"),
                // Some with a key, so that both ways to a lane are gone.
                key: number.isMultiple(of: 3) ? "customer-\(number % 17)" : nil)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await bus.run() }
            // Nobody announces that a buffer has run empty.
            while bus.statistics.buffered > 0 { try await Task.sleep(for: .milliseconds(10)) }
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
