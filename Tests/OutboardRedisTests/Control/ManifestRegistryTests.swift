import Outboard
import Testing

@testable import OutboardRedis

@Suite("A manifest as it lies in Redis")
struct ManifestRegistryTests {
    private struct Declared: Plugin {
        struct Configuration: PluginConfiguration {
            var perMinute = true
        }
        static let manifest = Manifest(
            name: "declared", version: "1.2.3", summary: "Says what it writes.",
            effects: [.counter("pings"), .series("pings", per: .minute)])
        var configuration = Configuration()

        func effects(of event: Event<Ping>, into effects: inout Effects) {}
    }

    @Test("says what the plugin hears, which effects it has, and its settings as a JSON schema")
    func json() throws {
        #expect(
            try ManifestRegistry.json(Declared.manifest, of: Declared.self)
                == #"{"config":{"properties":{"perMinute":{"default":true,"type":"boolean"}},"type":"object"},"#
                + #""delivery":"shared","effects":[{"key":"counters","kind":"counter","name":"pings"},"#
                + #"{"key":"series:pings:minute","kind":"series","name":"pings","unit":"minute"}],"#
                + #""name":"declared","protocol":1,"subscribes":["test.ping"],"#
                + #""summary":"Says what it writes.","version":"1.2.3"}"#)
    }

    @Test("is complete without any")
    func empty() throws {
        let json = try ManifestRegistry.json(PingCounter.manifest, of: PingCounter.self)
        #expect(json.hasPrefix(#"{"config":{"properties":{},"type":"object"},"delivery":"shared","effects":[],"#))
    }
}
