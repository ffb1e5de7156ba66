import Outboard
import Testing

@testable import OutboardRedis

@Suite("What is read of a plugin")
struct PluginValuesTests {
    private func replica(_ state: String, isLive: Bool = true) -> ReplicaSummary {
        ReplicaSummary(id: "r", fields: ["state": state], isLive: isLive)
    }

    @Test("stands as failed before stopped before what the operator wants")
    func standing() {
        let (on, off) = (PluginControl(), PluginControl(fields: ["state": "disabled"]))
        #expect(PluginStanding(replicas: [replica("running")], control: on) == .enabled)
        #expect(PluginStanding(replicas: [replica("disabled")], control: off) == .disabled)
        #expect(PluginStanding(replicas: [], control: off) == .stopped)
        #expect(PluginStanding(replicas: [replica("stopped", isLive: false)], control: on) == .stopped)
        #expect(PluginStanding(replicas: [replica("running"), replica("failed")], control: off) == .failed)
        let record = StartRecord(pid: 1, started: 0, seen: 0, crashes: 3, lived: 0)
        let loop = CrashLoop(host: "web-1", record, now: 0)
        #expect(
            PluginStanding(replicas: [replica("running")], control: on, crashLoops: [loop].compactMap(\.self))
                == .failed)
    }

    @Test("an absent control hash means enabled; what means nothing is told")
    func control() {
        #expect(PluginControl() == PluginControl(fields: ["state": "enabled", "config": "{}", "revision": "0"]))
        let set = PluginControl(fields: ["state": "disabled", "config": #"{"a":[1,"x"]}"#, "revision": "7"])
        #expect(set.state == .disabled)
        #expect(set.config == ["a": .array([.integer(1), .string("x")])])
        #expect(set.revision == 7)
        #expect(set.problem == nil)
        let damaged = PluginControl(fields: ["state": "off", "config": "[", "revision": "x"])
        #expect(damaged.state == .enabled)
        #expect(
            damaged.problem
                == "state 'off' is neither enabled nor disabled, config is not a JSON object, revision 'x' is not a number"
        )
    }

    @Test("settings come from defaults or from a JSON schema, with what differs")
    func settings() {
        let plain = ManifestSummary(config: JSONValue(text: #"{"a":1,"b":true}"#))
        #expect(
            plain.settings(changed: ["b": .bool(false), "c": .null]) == [
                .init(name: "a", value: .integer(1), standard: .integer(1), about: nil),
                .init(name: "b", value: .bool(false), standard: .bool(true), about: nil),
                .init(name: "c", value: .null, standard: nil, about: nil),
            ])
        let schema = ManifestSummary(
            config: JSONValue(
                text: #"{"properties":{"a":{"type":"integer","description":"How many","default":3}},"type":"object"}"#))
        #expect(
            schema.settings(changed: [:]) == [
                .init(name: "a", value: .integer(3), standard: .integer(3), about: "integer: How many")
            ])
    }

    @Test("a replica's hash may be gone, or planted")
    func replicas() {
        #expect(ReplicaSummary(id: "r", fields: [:], isLive: true).state == "gone")
        let planted = ReplicaSummary(
            id: "r", fields: ["pid": "x", "lanes": "a.b:3 a.b:5 c:1", "lag_ms": "-", "error": ""], isLive: true)
        #expect(planted.pid == nil)
        #expect(planted.lagMilliseconds == 0)
        #expect(planted.error == nil)
        #expect(planted.lanes(of: "a.b") == [3, 5])
    }
}
