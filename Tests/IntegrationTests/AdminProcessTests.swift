import Foundation
import NIOHTTP1
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient
import Testing

/// The admin API of a real core beside the command line: what a program reads is the same from both.
@Suite("Admin API of outboard-core", .timeLimit(.minutes(1)), .enabled(if: ThrowawayRedis.isAvailable))
struct AdminProcessTests {
    /// What there is, without what changes from one moment to the next: objects by member, all else by its kind.
    private func shape(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(members.mapValues(shape))
        case .array(let elements): .array(elements.map(shape))
        case .integer, .number: .integer(0)
        default: value
        }
    }

    @Test("GET /api/top says what outboard top --json says, and GET /api/trace what outboard trace --json does")
    func sameAsTheCommandLine() async throws {
        try await RealBus.with { bus in
            try await Core.with(bus.environment) { core in
                let plugin = try await bus.startPlugin()
                let command = { (arguments: [String]) in
                    try ChildProcess(
                        Executables.product("outboard"), arguments: arguments, environment: bus.environment)
                }
                let top = try command(["top", "--once", "--json"])
                #expect(try await top.waitForExit() == 0)
                let shown = try #require(JSONValue(text: top.lines.joined(separator: "\n")))
                let admin = "http://127.0.0.1:\(core.adminPort)"
                let answer = try #require(JSONValue(text: try await HTTP.get("\(admin)/api/top").body))
                #expect(shape(answer) == shape(shown))
                #expect(Set(answer.members.keys) == ["time_ms", "publishers", "memory_bytes", "plugins"])

                let trace = try command(["trace", "r-1", "--json"])
                try await trace.waitForLine(containing: "hears 256 lanes")
                async let polled = HTTP.get("\(admin)/api/trace/r-1")
                let channel = bus.names.events(type: "http.request", lane: 0)
                // The trace of the command line, that of the API, and the replica.
                try await bus.wait("three hear") {
                    try await bus.command("PUBSUB", "NUMSUB", channel).array()[1].int64() == 3
                }
                _ = try await HTTP.get("http://127.0.0.1:\(core.port)/hello", headers: ["x-request-id": "r-1"])
                #expect(try await trace.waitForExit() == 0)
                let json = trace.lines.drop { $0 != "{" }.joined(separator: "\n")
                let (status, body) = try await (polled.status, polled.body)
                #expect(status == 200)
                #expect(shape(try #require(JSONValue(text: body))) == shape(try #require(JSONValue(text: json))))
                plugin.terminate()
                #expect(try await plugin.waitForExit() == 0)
            }
        }
    }

    @Test("a core on its own scales nothing, and says who does")
    func onItsOwn() async throws {
        try await RealBus.with { bus in
            try await Core.with(bus.environment) { core in
                let answer = try await HTTP.get("http://127.0.0.1:\(core.adminPort)/api/services")
                #expect(answer.status == 409)
                #expect(answer.body.contains("was not started by 'outboard up'"))
            }
        }
    }
}
