import Foundation
import Outboard
import OutboardTesting
import Testing

/// What a plugin system has to do, step by step, each by its name, with the programs that users run: `outboard up` (its core
/// is a script here), request-counter, and the command line.
@Suite("A plugin's life", .timeLimit(.minutes(2)), .serialized, .enabled(if: UpFixture.canRun, "needs redis-server"))
struct PluginLifeTests {
    private static let event = #"{"method":"GET","path":"/","status":200,"duration_us":5,"request_id":"1"}"#

    /// A running bus, and a way to give commands on it.
    private struct Life {
        let up: UpFixture
        let outboard: ChildProcess

        @discardableResult
        func run(_ arguments: String..., code: Int32 = 0) async throws -> [String] {
            let command = try ChildProcess(
                Executables.product("outboard"), arguments: arguments,
                environment: ["OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(up.redisPort)"])
            #expect(try await command.waitForExit(within: .seconds(30)) == code, "\(arguments): \(command.lines)")
            return command.lines
        }

        func load(_ arguments: String...) async throws {
            let place = ["--data-dir", up.folder.appending(path: "data").path]
            let command = try ChildProcess(
                Executables.product("outboard"), arguments: arguments + place,
                environment: ["OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(up.redisPort)"])
            #expect(try await command.waitForExit(within: .seconds(30)) == 0, "\(arguments): \(command.lines)")
        }

        func publish(_ count: Int, _ data: String = PluginLifeTests.event) async throws {
            try await run("publish", "http.request", data, "--count", "\(count)")
        }

        /// Waits until a line of `outboard inspect` or another command holds; polls, 15 s at most.
        func wait(for text: String, in arguments: String...) async throws {
            let deadline = ContinuousClock.now + .seconds(15)
            while true {
                let command = try ChildProcess(
                    Executables.product("outboard"), arguments: arguments,
                    environment: ["OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(up.redisPort)"])
                try await command.waitForExit(within: .seconds(30))
                if command.lines.contains(where: { $0.contains(text) }) { return }
                guard ContinuousClock.now < deadline else {
                    Issue.record("\(arguments) does not say '\(text)': \(command.lines)")
                    return
                }
            }
        }
    }

    private func withLife(_ body: (Life) async throws -> Void) async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let outboard = try up.start()
        try await outboard.waitForLine(containing: "outboard: ready")
        try await body(Life(up: up, outboard: outboard))
        outboard.terminate()
        #expect(try await outboard.waitForExit(within: .seconds(20)) == 0)
    }

    private func withCounter(_ body: (Life) async throws -> Void) async throws {
        try await withLife { life in
            try await life.load("load", Executables.product("request-counter").path)
            try await body(life)
        }
    }

    private struct Counter: Plugin {
        static let manifest = Manifest(name: "counter", version: "1.0.0", summary: "Counts.", effects: [.counter("n")])
        func effects(of event: Event<HTTPRequest>, into effects: inout Effects) { effects.increment("n") }
    }

    @Test("interface: a plugin is a manifest and a function from an event to effects")
    func interface() throws {
        var harness = PluginHarness(Counter())
        try harness.handle(HTTPRequest(method: "GET", path: "/", status: 200, requestID: "1"))
        #expect(harness.total("n") == 1)
        #expect(try Counter.manifest.validatedName().rawValue == "counter")
    }

    @Test("discovery: who is there is found on the bus alone")
    func discovery() async throws {
        try await withLife { life in
            #expect(try await life.run("plugins") == ["no plugin has registered on this bus yet"])
            try await life.load("load", Executables.product("request-counter").path)
            #expect(try await life.run("plugins").contains { $0.hasPrefix("request-counter  1.0.0    enabled") })
        }
    }

    @Test("loading: a program joins a running bus, and nothing else is restarted")
    func loading() async throws {
        try await withCounter { life in
            #expect(life.outboard.lines.contains("outboard: request-counter.1 is loaded"))
            #expect(life.outboard.lines.filter { $0.contains("│ pid") }.count == 2)
        }
    }

    @Test("initialization: a plugin starts with its settings, and one with wrong settings does not start")
    func initialization() async throws {
        try await withCounter { life in
            #expect(try await life.run("config", "request-counter").last?.contains("perMinute  true") == true)
            let wrong = try ChildProcess(
                Executables.product("request-counter"),
                environment: [
                    "OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(life.up.redisPort)",
                    "OUTBOARD_PLUGIN_CONFIG": #"{"perMinute":7}"#,
                ])
            #expect(try await wrong.waitForExit(within: .seconds(20)) == 64)
        }
    }

    @Test("registration: name, version, types, effects and settings lie in the bus")
    func registration() async throws {
        try await withCounter { life in
            let lines = try await life.run("inspect", "request-counter", "--json")
            let detail = try #require(JSONSerialization.jsonObject(with: Data(lines.joined().utf8)) as? [String: Any])
            let manifest = try #require(detail["manifest"] as? [String: Any])
            #expect(manifest["version"] as? String == "1.0.0")
            #expect(manifest["subscribes"] as? [String] == ["http.request"])
            #expect((manifest["effects"] as? [Any])?.isEmpty == false)
            #expect((manifest["config"] as? [String: Any])?["properties"] != nil)
        }
    }

    @Test("use: events are counted, once each, and the books balance")
    func use() async throws {
        try await withCounter { life in
            try await life.publish(500)
            try await life.wait(for: "requests  500", in: "counters", "request-counter", "requests")
            try await life.run("audit", "request-counter")
        }
    }

    @Test("errors: an event that cannot be handled is booked as failed, and the plugin goes on")
    func errors() async throws {
        try await withCounter { life in
            try await life.publish(3, #"{"status":"no number"}"#)
            try await life.publish(5)
            try await life.wait(for: "handled 5, failed 3", in: "inspect", "request-counter")
            try await life.run("audit", "request-counter")
        }
    }

    @Test("errors: a plugin that crashes again and again is shown as failed, with the reason")
    func crashes() async throws {
        try await withCounter { life in
            let program = life.up.folder.appending(path: "request-counter")
            try Data("#!/bin/sh\nexit 3\n".utf8).write(to: program)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
            try await life.load("unload", "request-counter")
            let place = ["--data-dir", life.up.folder.appending(path: "data").path]
            try await life.run("load", program.path, "--wait", "1", place[0], place[1], code: 1)
            try await life.wait(for: "error: request-counter.1 ended with", in: "inspect", "request-counter")
            try await life.wait(for: "failed", in: "plugins")
        }
    }

    @Test("lifecycle: disabled, enabled, configured and scaled while events pass")
    func lifecycle() async throws {
        try await withCounter { life in
            try await life.publish(10)
            try await life.wait(for: "requests  10", in: "counters", "request-counter", "requests")
            try await life.run("disable", "request-counter")
            try await life.publish(20)
            try await life.run("enable", "request-counter")
            try await life.run("config", "request-counter", "perMinute=false")
            try await life.load("scale", "request-counter=2")
            try await life.publish(5)
            try await life.wait(for: "requests  15", in: "counters", "request-counter", "requests")
            // Ten before, five behind; what came while it was disabled was skipped.
            try await life.wait(for: "15       0       0       20", in: "inspect", "request-counter")
            try await life.run("audit", "request-counter")
        }
    }

    @Test("disposal: unloaded, it keeps its counters; forgotten, nothing of it is left")
    func disposal() async throws {
        try await withCounter { life in
            try await life.publish(7)
            try await life.wait(for: "requests  7", in: "counters", "request-counter", "requests")
            try await life.load("unload", "request-counter")
            try await life.wait(for: "stopped", in: "plugins")
            try await life.wait(for: "requests  7", in: "counters", "request-counter", "requests")
            try await life.run("forget", "request-counter", "--yes")
            #expect(try await life.run("plugins") == ["no plugin has registered on this bus yet"])
        }
    }
}
