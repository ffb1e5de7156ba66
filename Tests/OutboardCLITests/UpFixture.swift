import Foundation
import OutboardTesting
import Processes

/// A folder with scripts in the place of the programs that `outboard up` runs.
struct UpFixture {
    /// Ends on SIGTERM.
    static let polite = """
        echo "pid $$"
        trap 'echo bye; kill $waiting; exit 0' TERM
        echo "12:00 INFO ready"
        while :; do sleep 1000 & waiting=$!; wait $waiting; done
        """
    /// Does not end on SIGTERM.
    static let stubborn = """
        echo "pid $$"
        trap '' TERM
        echo "12:00 INFO ready"
        while :; do sleep 1000; done
        """

    static var canRun: Bool {
        ThrowawayRedis.isAvailable || ProcessInfo.processInfo.environment["REQUIRE_REDIS"] == "1"
    }

    let folder: URL
    let redisPort: Int

    init(core: String, service: String) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "up-\(UUID().uuidString.prefix(8))")
        redisPort = LoopbackPort.free() ?? 0
        let files = FileManager.default
        try files.createDirectory(
            at: folder.appending(path: "Services/Echo"), withIntermediateDirectories: true)
        for (name, script) in [("outboard-core", core), ("echo", service)] {
            try Self.write("#!/bin/sh\n\(script)\n", to: folder.appending(path: name))
        }
    }

    /// Closed on exec: a program that another test starts meanwhile would keep the script open for writing, and such a
    /// file cannot be run ("Text file busy").
    private static func write(_ script: String, to file: URL) throws {
        let handle = FileHandle(
            fileDescriptor: open(file.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o755), closeOnDealloc: true)
        try handle.write(contentsOf: Data(script.utf8))
        try handle.close()
    }

    func start(_ arguments: String...) throws -> ChildProcess {
        try ChildProcess(
            Executables.product("outboard"),
            arguments: [
                "up", "--programs-dir", folder.path, "--redis-port", "\(redisPort)", "--data-dir",
                folder.appending(path: "data").path,
                "--services-dir", folder.appending(path: "Services").path,
            ] + arguments,
            environment: ["OUTBOARD_REDIS_URL": ""])
    }

    var redisAnswers: Bool { LoopbackPort.answersPing(redisPort) }

    /// Waits until something outside of our processes' output holds; polls, 15 s at most.
    func wait(until condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(15)
        while !condition() {
            guard ContinuousClock.now < deadline else { throw TimedOut() }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    struct TimedOut: Error {}
}
