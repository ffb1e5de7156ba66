import Outboard
import Testing

@testable import OutboardCLI
@testable import OutboardRedis

@Suite("Changes of settings on a command line")
struct SettingChangesTests {
    private static let schema = ConfigurationSchema(fields: [
        "limit": .init(type: .integer, default: .integer(10)), "label": .init(type: .string, default: .string("a")),
        "perMinute": .init(type: .boolean, default: .bool(true)),
    ])

    private func change(_ words: String..., unset: [String] = []) throws -> PluginChange {
        try SettingChanges.change(words, unset: unset, schema: Self.schema, plugin: try PluginName("p"))
    }

    @Test("are JSON, and texts need no quotation marks")
    func values() throws {
        let config = try change("limit=3", "perMinute=false", "label=12").config
        #expect(config == ["limit": .integer(3), "perMinute": .bool(false), "label": .string("12")])
        #expect(try change("label=a=b").config == ["label": .string("a=b")])
        #expect(try change("label=\"x\"").config == ["label": .string("x")])
        #expect(try change("label=").config == ["label": .string("")])
    }

    @Test("are laid over what was changed before; what is unset goes back")
    func applied() throws {
        let before: [String: JSONValue] = ["limit": .integer(1), "label": .string("b")]
        let wanted = try change("perMinute=false", unset: ["label"])
        #expect(wanted.config(after: before) == ["limit": .integer(1), "perMinute": .bool(false)])
    }

    @Test("are refused with every problem named")
    func refused() throws {
        let error = #expect(throws: SettingsError.self) {
            try change("limit=many", "nothing=1", "loose", unset: ["absent"])
        }
        #expect(error?.problems.count == 4)
        let text = "\(try #require(error))"
        for word in [
            "'loose': needs the form name=value", "no setting 'absent'", "no setting 'nothing'", "a whole number",
        ] {
            #expect(text.contains(word), "\(text)")
        }
    }
}

@Suite("A change that replicas follow")
struct FollowedChangeTests {
    private func replica(_ id: String, _ state: String, _ revision: Int, error: String = "", live: Bool = true)
        -> ReplicaSummary
    {
        ReplicaSummary(id: id, fields: ["state": state, "revision": "\(revision)", "error": error], isLive: live)
    }

    @Test("is settled when each live replica has answered")
    func settled() throws {
        let name = try PluginName("p")
        var change = FollowedChange(
            name, state: .disabled, revision: 3,
            replicas: [
                replica("a", "disabled", 3), replica("b", "running", 3), replica("c", "stopped", 1, live: false),
            ])
        #expect(!change.isSettled)
        #expect(
            change.lines("disabled") == ["p is disabled (revision 3): 1 replica follows", "  b has not answered yet"])
        change = FollowedChange(
            name, state: .disabled, revision: 3, replicas: [replica("a", "disabled", 4), replica("b", "disabled", 3)])
        #expect(change.isSettled)
        #expect(change.lines("disabled") == ["p is disabled (revision 3): 2 replicas follow"])
        change = FollowedChange(name, state: .enabled, revision: 3, replicas: [])
        #expect(change.lines("enabled") == ["p is enabled (revision 3): no replica is there to follow"])
    }

    @Test("says who refuses, and why")
    func refused() throws {
        let change = FollowedChange(
            try PluginName("p"), state: .enabled, revision: 2,
            replicas: [replica("a", "running", 2, error: "too small\u{1B}"), replica("b", "running", 1, error: "old")])
        #expect(change.refused == ["a": "too small\u{1B}"])
        #expect(change.lines("configured").contains("  a: too small\\u{1b}"))
    }
}
