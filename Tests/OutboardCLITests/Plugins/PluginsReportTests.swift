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
        #expect(PluginsReport([]).lines == ["no plugin has registered on this bus yet"])
    }
}
