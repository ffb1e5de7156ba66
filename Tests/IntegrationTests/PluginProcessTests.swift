import Foundation
import Outboard
import OutboardRedis
import OutboardTesting
import Processes
import RedisClient
import Testing

@Suite("A plugin as a process", .timeLimit(.minutes(2)))
struct PluginProcessTests {
    @Test("counts what it has heard and ends with 0 inside 8 s when it is told to")
    func drains() async throws {
        try await RealBus.with { bus in
            let plugin = try await bus.startPlugin()
            try await Core.with(bus.environment) { core in
                try await bus.wait("the bus is connected") { try await core.metric("outboard_bus_connected") == 1 }
                let report = try await HTTPLoad.run(500, port: core.port)
                #expect(report.answered == 500)
                // What was sent before this moment is heard within the two seconds that a leaving replica listens on.
                let began = ContinuousClock.now
                plugin.terminate()
                #expect(try await plugin.waitForExit() == 0)
                #expect(ContinuousClock.now - began < .seconds(8))
                #expect(try await bus.counter("requests") == 500)
                try await bus.expectBalancedBooks()
            }
        }
    }

    @Test("says by its health subcommand whether a replica of it hears")
    func health() async throws {
        try await RealBus.with { bus in
            func health() async throws -> (code: Int32, line: String) {
                let check = try ChildProcess(
                    Executables.product("request-counter"), arguments: ["health"], environment: bus.environment)
                let code = try await check.waitForExit()
                return (code, check.lines.joined())
            }
            var finding = try await health()
            #expect(finding.code == 1 && finding.line.contains("has a lease"))
            let plugin = try await bus.startPlugin()
            finding = try await health()
            #expect(finding.code == 0 && finding.line.hasSuffix("is running"))
            plugin.kill()
            try await plugin.waitForExit()
            // Its lease is 3 s long; nobody announces the end of one.
            try await bus.wait(seconds: 10, "a killed replica is unhealthy") { try await health().code == 1 }
            bus.redis.kill()
            finding = try await health()
            #expect(finding.code == 1 && finding.line.contains("unhealthy"))
        }
    }

    @Test("is shown as failed where three of it were killed right after their start, until one lives or ends cleanly")
    func crashLoop() async throws {
        try await RealBus.with { bus in
            func inspect() async throws -> [String] {
                let inspect = try ChildProcess(
                    Executables.product("outboard"), arguments: ["inspect", "request-counter"],
                    environment: bus.environment)
                #expect(try await inspect.waitForExit() == 0)
                return inspect.lines
            }
            for _ in 0..<3 {
                let plugin = try await bus.startPlugin()
                #expect(try await inspect().first?.hasSuffix("  enabled") == true)
                plugin.kill()
                try await plugin.waitForExit()
            }
            let plugin = try await bus.startPlugin()
            let shown = try await inspect()
            #expect(shown.first?.hasSuffix("  failed") == true)
            #expect(shown.contains { $0.contains("has crashed 3 times in a row on ") }, "\(shown)")
            let records = try await bus.command("HGETALL", bus.names.starts(bus.plugin)).stringPairs()
            plugin.terminate()
            #expect(try await plugin.waitForExit() == 0)
            #expect(try await inspect().first?.hasSuffix("  failed") == false)

            // As if that one had crashed, too.
            let (host, record) = try #require(records.first)
            _ = try await bus.command("HSET", bus.names.starts(bus.plugin), host, record)
            let last = try await bus.startPlugin()
            #expect(try await inspect().contains { $0.contains("has crashed 4 times in a row on ") })
            try await bus.wait(seconds: 20, "it has proven itself") {
                try await inspect().first?.hasSuffix("  enabled") == true
            }
            last.terminate()
            #expect(try await last.waitForExit() == 0)
        }
    }

    @Test(
        "takes a predecessor for ended also while nobody has asked how it ended",
        .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/stat"), "needs /proc"))
    func zombie() async throws {
        struct Record: Decodable {
            let pid, crashes: Int
        }
        try await RealBus.with { bus in
            func record() async throws -> Record? {
                let records = try await bus.command("HGETALL", bus.names.starts(bus.plugin)).stringPairs()
                return try records.first.map { try JSONDecoder().decode(Record.self, from: Data($0.1.utf8)) }
            }
            // What the shell becomes never asks after the plugin.
            let parent = try ChildProcess(
                URL(filePath: "/bin/sh"),
                arguments: ["-c", "\"$0\" & exec sleep 60", Executables.product("request-counter").path],
                environment: bus.environment)
            try await parent.waitForLine(containing: "ready")
            let first = try #require(try await record())
            #expect(first.crashes == 0)
            let killer = try ChildProcess(URL(filePath: "/bin/sh"), arguments: ["-c", "kill -9 \(first.pid)"])
            #expect(try await killer.waitForExit() == 0)
            try await bus.wait("it has ended") {
                try String(contentsOfFile: "/proc/\(first.pid)/stat", encoding: .utf8).contains(") Z ")
            }
            let plugin = try await bus.startPlugin()
            #expect(try await record()?.crashes == 1)
            plugin.terminate()
            #expect(try await plugin.waitForExit() == 0)
            parent.kill()
        }
    }

    @Test("logs JSON objects, one a line, where there is no terminal")
    func logs() async throws {
        try await RealBus.with { bus in
            let plugin = try await bus.startPlugin(["--log-level=debug"])
            plugin.terminate()
            #expect(try await plugin.waitForExit() == 0)
            #expect(plugin.lines.count >= 2)
            for line in plugin.lines {
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                let keys = try #require(object).keys
                #expect(keys.contains("time") && keys.contains("level") && keys.contains("message"), "\(line)")
            }
        }
    }

    @Test("gives up with 69 when Redis is not there in the start-up time")
    func unavailable() async throws {
        let port = try #require(LoopbackPort.free())
        let plugin = try ChildProcess(
            Executables.product("request-counter"), arguments: ["--start-timeout", "1"],
            environment: ["OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(port)"])
        #expect(try await plugin.waitForExit(within: .seconds(10)) == 69)
        #expect(plugin.lines.contains { $0.contains("could not be reached within 1 s") })
    }
}
