import Foundation
import OutboardTesting
import Testing

/// `outboard load`, `unload` and `scale` against a running `outboard up`.
@Suite("Loading at run time", .timeLimit(.minutes(2)), .enabled(if: UpFixture.canRun, "needs redis-server"))
struct LoadTests {
    private func command(_ up: UpFixture, _ arguments: String...) throws -> ChildProcess {
        try ChildProcess(
            Executables.product("outboard"),
            arguments: arguments + ["--data-dir", up.folder.appending(path: "data").path],
            environment: ["OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(up.redisPort)"])
    }

    @Test("a plugin is loaded, scaled and unloaded while everything else runs on")
    func loads() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let outboard = try up.start()
        try await outboard.waitForLine(containing: "outboard: ready")
        let program = Executables.product("request-counter").path

        let load = try command(up, "load", program)
        #expect(try await load.waitForExit(within: .seconds(30)) == 0, "\(load.lines)")
        #expect(load.lines == ["request-counter: 1 replica lives"])
        let scale = try command(up, "scale", "request-counter=3")
        #expect(try await scale.waitForExit(within: .seconds(30)) == 0, "\(scale.lines)")
        let fewer = try command(up, "scale", "request-counter=1", "--json")
        #expect(try await fewer.waitForExit(within: .seconds(30)) == 0, "\(fewer.lines)")
        #expect(fewer.lines == [#"{"plugin":"request-counter","replicas":1,"wanted":1}"#])
        let unload = try command(up, "unload", "request-counter")
        #expect(try await unload.waitForExit(within: .seconds(30)) == 0, "\(unload.lines)")
        #expect(unload.lines == ["request-counter: 0 replicas live"])
        // No program of this name lies beside this core: it is the one that was loaded by path.
        let again = try command(up, "scale", "request-counter=1")
        #expect(try await again.waitForExit(within: .seconds(30)) == 0, "\(again.lines)")

        for word in ["is loaded", "is unloaded"] {
            #expect(outboard.lines.contains { $0 == "outboard: request-counter.3 \(word)" })
        }
        // The core and the first service have started once and have not ended.
        #expect(outboard.lines.filter { $0.contains("│ pid") }.count == 2)
        #expect(!outboard.lines.contains { $0.hasSuffix("bye") })
        outboard.terminate()
        #expect(try await outboard.waitForExit() == 0)
    }

    @Test("a service is loaded when its folder and program appear")
    func appears() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let outboard = try up.start()
        try await outboard.waitForLine(containing: "outboard: ready")
        try FileManager.default.createDirectory(
            at: up.folder.appending(path: "Services/LateOne"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: up.folder.appending(path: "echo"), to: up.folder.appending(path: "late-one"))
        try await outboard.waitForLine(containing: "late-one.1 │ 12:00 INFO ready")
        try FileManager.default.removeItem(at: up.folder.appending(path: "Services/LateOne"))
        try await outboard.waitForLine(containing: "outboard: late-one.1 is unloaded")
        outboard.terminate()
        #expect(try await outboard.waitForExit() == 0)
    }

    @Test("a loaded program that refuses its settings ends alone")
    func refuses() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let outboard = try up.start()
        try await outboard.waitForLine(containing: "outboard: ready")
        let program = up.folder.appending(path: "picky")
        try Data("#!/bin/sh\nexit 64\n".utf8).write(to: program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
        let load = try command(up, "load", program.path, "--wait", "1")
        #expect(try await load.waitForExit() == 1)
        #expect(load.lines == ["outboard: picky: 0 of 1 replicas live after 1 s; see the lines of 'outboard up'"])
        try await outboard.waitForLine(containing: "picky.1 refused its settings")
        outboard.terminate()
        #expect(try await outboard.waitForExit() == 0)
    }

    @Test("bad usage says what is wrong")
    func usage() async throws {
        let up = try UpFixture(core: UpFixture.polite, service: UpFixture.polite)
        defer { up.remove() }
        let nowhere = try command(up, "load", "request-counter")
        #expect(try await nowhere.waitForExit() == 64)
        #expect(nowhere.lines.contains { $0.contains("no 'outboard up' has run here") })
        #expect(try await command(up, "load", "/no/such/program").waitForExit() == 64)
        #expect(try await command(up, "load", "request-counter", "--replicas", "0").waitForExit() == 64)
        #expect(try await command(up, "scale", "request-counter").waitForExit() == 64)
    }
}
