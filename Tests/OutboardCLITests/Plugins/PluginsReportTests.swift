import OutboardRedis
import Testing

@testable import OutboardCLI

@Suite("Report of all plugins")
struct PluginsReportTests {
    @Test("is one table; two versions of one plugin are both there")
    func table() {
        let plugins = [
            PluginSummary(
                name: "request-counter", version: "1.1.0", replicas: 3, versions: ["1.0.0", "1.1.0"], state: .enabled,
                handled: 1_234_567, missed: 10, lagMilliseconds: 1_250),
            PluginSummary(name: "audit", version: "2.0.0"),
        ]
        #expect(
            PluginsReport(plugins).lines == [
                "plugin           version       state    replicas  handled  missed    lag",
                "request-counter  1.0.0, 1.1.0  enabled         3  1234567      10  1.2 s",
                "audit            2.0.0         stopped         0        0       0      -",
            ])
        #expect(
            PluginsReport(plugins, rates: ["request-counter": 1_024]).lines == [
                "plugin           version       state    replicas  rate/s  handled  missed    lag",
                "request-counter  1.0.0, 1.1.0  enabled         3    1024  1234567      10  1.2 s",
                "audit            2.0.0         stopped         0       -        0       0      -",
            ])
        #expect(PluginsReport([]).lines == ["no plugin has registered on this bus yet"])
    }

    @Test("a rate is what was handled between two looks; none where nothing can be told")
    func rates() {
        func look(_ milliseconds: Int64, _ handled: [(String, Int64)]) -> RatedPlugins.Look {
            .init(milliseconds: milliseconds, plugins: handled.map { PluginSummary(name: $0.0, handled: $0.1) })
        }
        let first = look(10_000, [("steady", 100), ("idle", 7), ("lost", 50), ("gone", 3)])
        let second = look(10_500, [("steady", 150), ("idle", 7), ("lost", 20), ("new", 30)])
        let rated = RatedPlugins(from: first, to: second)
        #expect(rated.rates == ["steady": 100, "idle": 0, "new": 60])
        #expect(rated.plugins.map(\.name) == ["steady", "idle", "lost", "new"])
        #expect(RatedPlugins(from: first, to: first).rates.isEmpty)
    }
}
