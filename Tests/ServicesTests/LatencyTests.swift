import Outboard
import OutboardTesting
import Testing

@testable import Latency

@Suite("latency")
struct LatencyTests {
    @Test("percentiles can be read in all and by route")
    func percentiles() throws {
        var harness = PluginHarness(Latency())
        for duration in 1...100 { try harness.handle(.fixture(duration: duration * 1_000)) }
        try harness.handle(.fixture("/random", route: nil, duration: 9_000_000))
        let all = harness.histogram("duration_us")
        #expect(all.count == 101 && all.sum == 14_050_000)
        for (share, exact) in [(0.5, 51_000), (0.95, 96_000), (0.99, 100_000)] {
            let read = try #require(all.quantile(share))
            #expect(read >= exact && Double(read) <= 1.125 * Double(exact), "\(share)")
        }
        let hello = harness.histogram("duration_us", field: "/hello")
        #expect(hello.count == 100 && hello.sum == 5_050_000)
        #expect(harness.histogram("duration_us", field: "(unmatched)").count == 1)
        #expect(harness.histogram("duration_us", field: "/random").count == 0)
        #expect(harness.maximum("duration_us") == 9_000_000)
        #expect(harness.undeclared == [])
    }

    @Test("keeps no histogram a route where it is told not to")
    func withoutRoutes() throws {
        var harness = PluginHarness(Latency())
        harness.plugin.configuration.perRoute = false
        try harness.handle(.fixture())
        #expect(harness.histogram("duration_us").count == 1)
        #expect(harness.histogram("duration_us", field: "/hello").count == 0)
    }
}
