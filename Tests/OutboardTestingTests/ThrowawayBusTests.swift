import Foundation
import Outboard
import OutboardTesting
import Testing

@Suite(
    "ThrowawayBus", .timeLimit(.minutes(2)), .serialized,
    .enabled(
        if: ThrowawayBus.isAvailable || ProcessInfo.processInfo.environment["REQUIRE_REDIS"] == "1",
        "needs redis-server"))
struct ThrowawayBusTests {
    @Test("counts on a real bus in five lines")
    func fiveLines() async throws {
        try await ThrowawayBus.run(OrderStatistics()) { bus in
            for number in 1...100 { try bus.publish(OrderPlaced(total: number, country: "PT", customer: "ana")) }
            try await bus.settled()
            #expect(try await bus.counter("orders") == 100)
        }
    }

    @Test("reads every kind of effect of this plugin, and the books")
    func everything() async throws {
        try await ThrowawayBus.run(OrderStatistics()) { bus in
            for total in [40, 10, 0] {
                try bus.publish(OrderPlaced(total: total, country: "PT", customer: "c\(total)"), key: "ana")
            }
            try bus.publish(OrderPlaced(total: 90, country: "DE", customer: "rui"))
            try await bus.settled()
            #expect(try await bus.books() == ThrowawayBus.Books(handled: 3, failed: 1))
            #expect(try await bus.fields("country") == ["PT": 2, "DE": 1])
            #expect(try await bus.histogram("total").sum == 140)
            #expect(try await bus.histogram("total", field: "PT").count == 2)
            let today = String(Timestamp.now.description.prefix(10))
            #expect(try await bus.unique("customers", on: today) == 3)
        }
    }

    @Test("tells what the plugin's start throws, and what the body throws")
    func errors() async throws {
        struct Refusal: Error {}
        struct Unwilling: Plugin {
            static let manifest = Manifest(name: "unwilling", version: "1.0.0", summary: "")
            func effects(of event: Event<OrderPlaced>, into effects: inout Effects) {}
            func start() async throws { throw Refusal() }
        }
        await #expect(throws: Refusal.self) { try await ThrowawayBus.run(Unwilling()) { _ in } }
        await #expect(throws: Refusal.self) {
            try await ThrowawayBus.run(OrderStatistics()) { _ in throw Refusal() }
        }
    }

    @Test("says what is open when the books do not come to rest")
    func notSettled() async throws {
        try await ThrowawayBus.run(OrderStatistics()) { bus in
            // Nobody hears a type without a plugin, but its events are published and counted by nobody's books.
            try bus.publish(OrderPlaced(total: 1, country: "PT", customer: "ana"))
            let error = await #expect(throws: TestingError.self) { try await bus.settled(within: .zero) }
            #expect(error?.description.contains("order-statistics are not at rest") == true)
            try await bus.settled()
        }
    }
}
