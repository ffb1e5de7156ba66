import Outboard
import Testing

@testable import OutboardCLI

@Suite("The names of a new plugin")
struct NewPluginTests {
    @Test(
        "a type's name follows from the plugin's, and leads back to it",
        arguments: [
            ("hello", "Hello"), ("order-statistics", "OrderStatistics"), ("top10", "Top10"), ("http-log", "HttpLog"),
        ])
    func types(name: String, type: String) throws {
        let plugin = try NewPlugin(name)
        #expect(plugin.name == name && plugin.type == type)
        #expect(ServiceFolders.programName(ofFolder: type) == name)
    }

    @Test(
        "refuses what is no plugin's name, and names that something else has",
        arguments: [
            "", "Hello", "hello_world", "2fast", "top-2", "a--b", "a-", "-a", "redis", "core", "metrics", "plugin",
            "type",
            String(repeating: "a", count: 49),
        ])
    func refusals(name: String) {
        let error = #expect(throws: SettingsError.self) { try NewPlugin(name) }
        #expect(error?.problems.count == 1 && error?.problems[0].hasPrefix("plugin name '\(name)': ") == true)
    }
}
