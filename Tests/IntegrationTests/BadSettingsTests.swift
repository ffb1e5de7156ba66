import Foundation
import OutboardRedis
import OutboardTesting
import Processes
import Testing

/// One message that names every problem, and exit code 64: whoever repairs a deployment should need one look.
@Suite("Bad settings", .timeLimit(.minutes(1)))
struct BadSettingsTests {
    /// Runs a program to its end and returns its code and all that it wrote.
    private func run(
        _ program: String, _ arguments: [String] = [], _ environment: [String: String] = [:]
    ) async throws -> (code: Int32, text: String) {
        let process = try ChildProcess(
            Executables.product(program), arguments: arguments, environment: environment)
        let code = try await process.waitForExit(within: .seconds(20))
        return (code, process.lines.joined(separator: "\n"))
    }

    private func expect(
        _ text: String, names problems: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let head = problems.count == 1 ? "1 setting is wrong:" : "\(problems.count) settings are wrong:"
        #expect(text.ranges(of: head).count == 1, "\(text)", sourceLocation: sourceLocation)
        for problem in problems {
            #expect(text.contains("  - \(problem)"), "\(problem) in \(text)", sourceLocation: sourceLocation)
        }
    }

    @Test("the core names those of the command line, the environment, the file and the files named there")
    func core() async throws {
        let (code, text) = try await run(
            "outboard-core", ["--htpp-port", "80", "--lanes=0", "--admin-port"],
            [
                "OUTBOARD_CONFIG_FILE": "/nowhere/outboard.json", "OUTBOARD_UPSTREAM": "ftp://app",
                "OUTBOARD_REDIS_URL": "http://redis", "OUTBOARD_REDIS_PASSWORD_FILE": "/nowhere/password",
                "OUTBOARD_REDIS_CA_FILE": "/nowhere/ca.pem", "OUTBOARD_LOG_LEVEL": "loud",
                "OUTBOARD_EVENT_HEADERS": "x-tenant,cookie", "OUTBOARD_NAMESPACE": "Out Board",
                "OUTBOARD_UP_DIR": "/nowhere", "OUTBOARD_HTTP_PORT": "eighty", "OUTBOARD_UPSTREAM_TIMEOUT": "0",
            ])
        #expect(code == 64)
        expect(
            text,
            names: [
                "argument '--htpp-port'", "--admin-port: needs a value",
                "OUTBOARD_CONFIG_FILE='/nowhere/outboard.json'",
                "OUTBOARD_LANES='0'", "OUTBOARD_UPSTREAM='ftp://app'", "OUTBOARD_REDIS_URL",
                "OUTBOARD_REDIS_PASSWORD_FILE='/nowhere/password'", "OUTBOARD_REDIS_CA_FILE='/nowhere/ca.pem'",
                "OUTBOARD_LOG_LEVEL='loud'", "OUTBOARD_EVENT_HEADERS", "OUTBOARD_NAMESPACE='Out Board'",
                "OUTBOARD_HTTP_PORT='eighty'", "OUTBOARD_UPSTREAM_TIMEOUT='0'", "OUTBOARD_UP_DIR='/nowhere'",
            ])
    }

    @Test("a plugin names its own, misspelt flags and its configuration among them", arguments: [[], ["health"]])
    func plugin(command: [String]) async throws {
        let (code, text) = try await run(
            "request-counter", command + ["--redis-ulr=redis://a", "--log-level", "loud"],
            [
                "OUTBOARD_CONFIG_FILE": "/nowhere/outboard.json",
                "OUTBOARD_PLUGIN_CONFIG": "{\"perHour\": true, \"perMinute\": 1}",
                "OUTBOARD_START_TIMEOUT": "soon", "OUTBOARD_MAX_FIELDS": "0",
            ])
        #expect(code == 64)
        expect(
            text,
            names: [
                "argument '--redis-ulr=redis://a'", "OUTBOARD_CONFIG_FILE='/nowhere/outboard.json'",
                "OUTBOARD_LOG_LEVEL='loud'", "OUTBOARD_PLUGIN_CONFIG", "OUTBOARD_PLUGIN_CONFIG",
                "OUTBOARD_START_TIMEOUT='soon'",
                "OUTBOARD_MAX_FIELDS='0'",
            ])
    }

    @Test("outboard up names its own before it starts anything")
    func up() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "bad-\(UUID().uuidString)").path
        let (code, text) = try await run(
            "outboard",
            [
                "up", "--service", "request-counter", "--service", "absent", "--scale", "other=2", "--redis-port", "0",
                "--data-dir", folder,
            ],
            ["OUTBOARD_LANES": "many", "OUTBOARD_NAMESPACE": "-", "OUTBOARD_REDIS_URL": ""])
        #expect(code == 64)
        expect(
            text,
            names: [
                "OUTBOARD_NAMESPACE='-'", "OUTBOARD_LANES='many'", "--redis-port 0", "--scale other=2", "not found in",
            ])
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("what the file says is checked like the rest, and loses against the environment")
    func file() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).json")
        try Data(#"{"http": {"port": 99999}, "lanes": "x", "log": {"level": "silent"}}"#.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (code, text) = try await run(
            "outboard-core", [], ["OUTBOARD_CONFIG_FILE": file.path, "OUTBOARD_LOG_LEVEL": "info"])
        #expect(code == 64)
        expect(text, names: ["OUTBOARD_HTTP_PORT='99999'", "OUTBOARD_LANES='x'"])
    }

    @Test("a number of lanes that is not the bus's stops both", arguments: ["outboard-core", "request-counter"])
    func lanes(program: String) async throws {
        try await RealBus.with { bus in
            _ = try await bus.command("HSET", bus.names.bus, "lanes", "32")
            let (code, text) = try await run(
                program, [],
                ["OUTBOARD_REDIS_URL": bus.redis.url, "OUTBOARD_HTTP_PORT": "0", "OUTBOARD_ADMIN_PORT": "0"])
            #expect(code == 64)
            // The log may speak of it, too; the message is what is no line of the log.
            let message = text.split(separator: "\n").filter { !$0.hasPrefix("{") }.joined(separator: "\n")
            expect(message, names: ["OUTBOARD_LANES: this process is set to 256 lanes, the bus 'outboard' has 32"])
        }
    }

    @Test("a port that is taken stops the core and is named")
    func takenPort() async throws {
        try await RealBus.with { bus in
            let (code, text) = try await run(
                "outboard-core", [],
                [
                    "OUTBOARD_REDIS_URL": bus.redis.url, "OUTBOARD_HTTP_PORT": "\(bus.redis.port)",
                    "OUTBOARD_ADMIN_PORT": "0",
                ])
            #expect(code == 64)
            #expect(text.contains("OUTBOARD_HTTP_PORT=\(bus.redis.port)"))
        }
    }
}
