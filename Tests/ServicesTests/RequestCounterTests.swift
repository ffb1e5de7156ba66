import Outboard
import OutboardTesting
import Testing

@testable import RequestCounter

@Suite("request-counter")
struct RequestCounterTests {
    @Test("counts by status, method and route, and per minute")
    func counts() throws {
        var harness = PluginHarness(RequestCounter())
        try harness.handle(.fixture(), .fixture(), .fixture("/x", route: nil, status: 404))
        #expect(harness.total("requests") == 3)
        #expect(harness.fields("status") == ["200": 2, "404": 1])
        #expect(harness.fields("method") == ["GET": 3])
        #expect(harness.fields("route") == ["/hello": 2, "(unmatched)": 1])
        #expect(Array(harness.series("requests", per: .minute).values) == [3])
        #expect(harness.undeclared == [])
    }

    @Test("leaves the series out where it is told to")
    func withoutSeries() throws {
        var harness = PluginHarness(RequestCounter())
        harness.plugin.configuration.perMinute = false
        try harness.handle(.fixture())
        #expect(harness.series("requests", per: .minute).isEmpty && harness.total("requests") == 1)
    }
}
