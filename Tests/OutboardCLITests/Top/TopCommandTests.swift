import Foundation
import OutboardTesting
import Testing

/// `outboard top` itself, in a pipe.
@Suite("outboard top", .timeLimit(.minutes(1)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct TopCommandTests {
    @Test("writes one table with --once, one each second otherwise, JSON lines with --json")
    func pipe() async throws {
        let bus = try await PlantedBus.start()
        let once = try await bus.run("top", "--once")
        #expect(once.code == 0)
        #expect(once.lines.first?.hasSuffix("0 publishers  0 handled/s") == true)
        #expect(once.lines.contains { $0.hasPrefix("  0123456789abcdef  running       0    -  3 ms      2") })

        let stream = try bus.start(["top"])
        try await stream.waitForLine(containing: "request-counter")
        try await stream.waitForLine(containing: "handled/s")
        bus.redis.kill()
        try await stream.waitForLine(containing: "Redis cannot be asked")
        stream.interrupt()
        #expect(try await stream.waitForExit() == 0)
        #expect(!stream.lines.contains { $0.contains("\u{1B}") })

        try await bus.redis.restart()
        struct Answer: Decodable {
            let time_ms: Int64
            let plugins: [String]
        }
        let json = try await bus.run("top", "--once", "--json")
        #expect(try JSONDecoder().decode(Answer.self, from: Data(json.lines.joined().utf8)).plugins.isEmpty)
        try bus.stop()
        #expect(try await bus.run("top").code == 69)
    }
}
