import Outboard
import Testing

@testable import OutboardRedis

@Suite("Checks of a plugin")
struct PluginChecksTests {
    /// A plugin with one replica that hears no lane.
    private func findings(
        control: [String: String] = [:], delivery: String = "shared", state: String = "running", lanes: String = ""
    ) throws -> [Finding] {
        let name = try PluginName("p")
        let manifest = ManifestSummary(version: "1.0.0", protocol: 1, subscribes: ["a.b"], delivery: delivery)
        let replica = ReplicaSummary(id: "p-1", fields: ["state": state, "lanes": lanes], isLive: true)
        let control = PluginControl(fields: control)
        let audit = PluginAudit(PluginBooks(plugin: name))
        let books = BookSums(audit)
        let detail = PluginDetail(
            plugin: PluginSummary(name, manifest: manifest, control: control, replicas: [replica], books: books),
            manifest: manifest, control: control, settings: [], replicas: [replica], books: books, lanes: 2)
        let channels = (0..<2).map { RedisNames().events(type: "a.b", lane: $0) }
        return PluginChecks(BusFacts.Plugin(detail: detail, audit: audit, unheard: channels)).findings
    }

    @Test("miss lanes of a plugin that should hear them")
    func deaf() throws {
        #expect(try findings().map(\.found) == ["no live replica hears 2 lanes of a.b: 0, 1"])
        #expect(
            try findings(lanes: "a.b:0 a.b:1").map(\.found) == [
                "replicas list lanes to which Redis has no subscriber: outboard:events:a.b:0, outboard:events:a.b:1"
            ])
    }

    @Test("raise no false alarm while it is disabled, starting or durable")
    func quiet() throws {
        for quiet in [
            try findings(control: ["state": "disabled"]), try findings(delivery: "durable"),
            try findings(state: "starting"),
        ] { #expect(quiet.map(\.verdict) == [.ok]) }
        #expect(
            try findings(control: ["state": "disabled"]).first?.found.contains("1 replica, disabled, books") == true)
    }
}
