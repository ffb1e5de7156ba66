import Outboard
import OutboardTesting
import Testing

@testable import Hello

@Suite("hello")
struct HelloTests {
    private let request = HTTPRequest(method: "GET", path: "/hello", status: 200, requestID: "1")

    @Test("counts requests by path")
    func counts() throws {
        var harness = PluginHarness(Hello())
        try harness.handle(request, request)
        #expect(harness.total("requests") == 2)
        #expect(harness.fields("path") == ["/hello": 2])
        #expect(harness.undeclared == [])
    }

    @Test("leaves the series out where it is told to")
    func withoutSeries() throws {
        var harness = PluginHarness(Hello())
        harness.plugin.configuration.perMinute = false
        try harness.handle(request)
        #expect(harness.series("requests", per: .minute).isEmpty)
    }

    @Test("counts each request once on a real bus", .enabled(if: ThrowawayBus.isAvailable, "needs redis-server"))
    func onBus() async throws {
        let request = request
        try await ThrowawayBus.run(Hello()) { bus in
            for _ in 1...100 { try bus.publish(request) }
            try await bus.settled()
            #expect(try await bus.counter("requests") == 100)
        }
    }
}
