import Outboard
import OutboardTesting
import Testing

@testable import Visitors

@Suite("visitors")
struct VisitorsTests {
    @Test("counts a client once in all and once a day of UTC; nobody is nobody")
    func days() throws {
        let evening = try #require(Timestamp("2026-11-20T23:59:59.999999Z"))
        let morning = try #require(Timestamp("2026-11-21T00:00:00Z"))
        var harness = PluginHarness(Visitors(), now: morning)
        try harness.handle(.fixture(client: "a"), .fixture(client: "a"), .fixture(client: "b"), at: evening)
        try harness.handle(.fixture(client: "a"), .fixture(client: nil))
        #expect(harness.elements("clients") == ["a", "b"])
        #expect(harness.elements("clients", on: "2026-11-20") == ["a", "b"])
        #expect(harness.elements("clients", on: "2026-11-21") == ["a"])
        #expect(harness.undeclared == [])
    }

    @Test("tells people behind one address apart by their user agents where it is told to")
    func userAgents() throws {
        var harness = PluginHarness(Visitors())
        harness.plugin.configuration.withUserAgent = true
        harness.plugin.configuration.perDay = false
        try harness.handle(.fixture(client: "a", userAgent: "x"), .fixture(client: "a", userAgent: "y"))
        #expect(harness.elements("clients") == ["a x", "a y"])
        #expect(harness.elements("clients", on: String(harness.now.description.prefix(10))).isEmpty)
    }
}
