import Foundation
import Outboard
import OutboardRedis
import RedisClient

/// How a plugin shows itself.
extension PluginCases {
    private struct KnownManifest: Decodable {
        let name: String
        let version: String
        let `protocol`: Int
        let subscribes: [String]
    }

    static func registers(_ stage: PluginStage) async throws {
        try stage.launch()
        let bus = stage.bus
        try await stage.eventually("a name in the set \(bus.names.plugins)", within: PluginStage.Patience.start) {
            try await bus.send("SCARD", bus.names.plugins).int64() == 0 ? "none" : nil
        }
        let plugin = try await stage.plugin()
        let key = bus.names.manifest(plugin)
        let expected =
            "\(key) with \"name\": \"\(plugin)\", a \"version\", \"protocol\": 1, and http.request in \"subscribes\""
        try await stage.eventually(expected, within: PluginStage.Patience.count) {
            guard let text = try await bus.send("GET", key).stringOrNil() else { return "no such key" }
            guard let known = try? JSONDecoder().decode(KnownManifest.self, from: Data(text.utf8)) else { return text }
            return known.name == plugin.rawValue && !known.version.isEmpty && known.protocol == 1
                && known.subscribes.contains(ScriptedPublisher.type) ? nil : text
        }
    }

    static func lease(_ stage: PluginStage) async throws {
        let plugin = try await stage.start()
        guard let (id, end) = try await stage.liveReplicas(of: plugin).first else {
            throw Discrepancy(expected: "a lease that goes on", seen: "that it has ended")
        }
        let left = end - (try await stage.bus.now())
        guard left <= 3_500 else {
            throw Discrepancy(expected: "a lease that ends within 3 s", seen: "one that ends in \(left) ms")
        }
        try await stage.eventually("a lease that is renewed each second", within: .seconds(4)) {
            guard let lease = try await stage.liveReplicas(of: plugin).first else { return "that it has ended" }
            return lease.end > end ? nil : "the same end"
        }
        let key = stage.bus.names.replica(plugin, id)
        let names = [
            "host", "pid", "version", "state", "started", "lanes", "received", "handled", "failed", "malformed",
        ]
        try await stage.eventually(
            "\(key) with \(names.joined(separator: ", ")), state running, expiring within 10 s", within: .seconds(4)
        ) {
            let hash = try await stage.bus.hash(key)
            let absent = names.filter { hash[$0] == nil }
            if !absent.isEmpty { return "it without \(absent.joined(separator: ", "))" }
            if let state = hash["state"], state != "running" { return "state \(state)" }
            let lifetime = try await stage.bus.send("TTL", key).int64()
            return (0...10).contains(lifetime) ? nil : "it with TTL \(lifetime)"
        }
    }

    static func lanes(_ stage: PluginStage) async throws {
        let plugin = try await stage.start()
        let wanted = (0..<ConformanceBus.lanes).map { "\(ScriptedPublisher.type):\($0)" }
        try await stage.eventually(
            "type:lane of all \(wanted.count) lanes, separated by spaces, in its replica's field lanes",
            within: .seconds(4)
        ) {
            guard let (id, _) = try await stage.liveReplicas(of: plugin).first else { return "no live replica" }
            let text = try await stage.bus.hash(stage.bus.names.replica(plugin, id))["lanes"] ?? ""
            let absent = Set(wanted).subtracting(text.split(separator: " ").map(String.init))
            return absent.isEmpty ? nil : "'\(text.prefix(60))', \(absent.count) absent"
        }
    }
}
