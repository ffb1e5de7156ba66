import Foundation
import OutboardTesting
import Testing

/// `outboard up` itself, with tiny shell scripts in the place of the core and the services.
@Suite("outboard up", .timeLimit(.minutes(2)), .enabled(if: UpFixture.canRun, "needs redis-server and sh"))
struct UpTests {
    @Test("starts everything, says when it is ready, and ends cleanly, Redis last")
    func cleanEnd() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let outboard = try up.start("--scale", "echo=2")
        try await outboard.waitForLine(containing: "outboard: ready")
        try await outboard.waitForLine(containing: "echo.2 │ 12:00 INFO ready")
        outboard.terminate()
        #expect(try await outboard.waitForExit() == 0)
        let lines = outboard.lines
        #expect(lines.contains { $0.hasPrefix("core   │ ") && $0.hasSuffix("bye") })
        #expect(lines.filter { $0.hasSuffix("bye") }.count == 3)
        #expect(!up.redisAnswers)
    }

    @Test("starts a child again that was killed, and says so")
    func restart() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let outboard = try up.start()
        let line = try await outboard.waitForLine(containing: "echo.1 │ pid")
        let pid = try #require(line.split(separator: " ").last.flatMap { Int32($0) })
        try await outboard.waitForLine(containing: "outboard: ready")
        kill(pid, SIGKILL)
        let notice = try await outboard.waitForLine(
            containing: "outboard: echo.1 ended with signal 9; starting again in")
        #expect(notice.hasSuffix(" s"))
        try await up.wait { outboard.lines.filter { $0.contains("echo.1 │ pid") }.count == 2 }
        outboard.terminate()
        #expect(try await outboard.waitForExit() == 0)
    }

    @Test("leaves no orphan when it is killed itself")
    func noOrphans() async throws {
        let up = try UpFixture(core: UpFixture.stubborn, service: UpFixture.stubborn)
        defer { up.remove() }
        let outboard = try up.start("--scale", "echo=3")
        try await outboard.waitForLine(containing: "outboard: ready")
        let pids = outboard.lines.filter { $0.contains("│ pid") }.compactMap { $0.split(separator: " ").last }
            .compactMap { Int32($0) }
        #expect(pids.count == 4)
        #expect(up.redisAnswers)
        outboard.kill()
        try await outboard.waitForExit()
        try await up.wait { pids.allSatisfy { kill($0, 0) != 0 } && !up.redisAnswers }
    }

    @Test("kills after 8 s what does not end, and says so")
    func stubborn() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.stubborn)
        defer { up.remove() }
        let outboard = try up.start()
        try await outboard.waitForLine(containing: "outboard: ready")
        outboard.terminate()
        try await outboard.waitForLine(containing: "echo.1 has not ended within 8 s; killing it")
        #expect(try await outboard.waitForExit() == 0)
    }

    @Test("stops with 64 when a child refuses its settings")
    func refusedSettings() async throws {
        let up = try UpFixture(core: "exit 64", service: UpFixture.polite)
        defer { up.remove() }
        let outboard = try up.start()
        #expect(try await outboard.waitForExit() == 64)
        #expect(outboard.lines.contains { $0.contains("core refused its settings (exit code 64)") })
        #expect(!up.redisAnswers)
    }

    @Test("refuses a second start in the same folder, a taken port, an unknown service, a missing program")
    func refusals() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let first = try up.start()
        try await first.waitForLine(containing: "outboard: ready")

        let second = try up.start()
        #expect(try await second.waitForExit() == 64)
        #expect(second.lines.contains { $0.contains("another 'outboard up' runs with") })

        let elsewhere = try up.start("--data-dir", up.folder.appending(path: "other").path)
        #expect(try await elsewhere.waitForExit() == 64)
        #expect(elsewhere.lines.contains { $0.contains("port \(up.redisPort) on 127.0.0.1 is taken") })

        let unknown = try up.start("--scale", "nothing=2")
        #expect(try await unknown.waitForExit() == 64)
        #expect(unknown.lines.contains { $0.contains("no service 'nothing'; there are: echo") })

        let number = try up.start("--scale", "echo=many")
        #expect(try await number.waitForExit() == 64)

        let missing = try up.start("--service", "absent")
        #expect(try await missing.waitForExit() == 64)
        #expect(missing.lines.contains { $0.contains("absent; build with: make build") })

        first.terminate()
        #expect(try await first.waitForExit() == 0)
    }
}
