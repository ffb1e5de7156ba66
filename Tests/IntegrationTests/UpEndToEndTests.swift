import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OutboardTesting
import Processes
import Testing

/// `outboard up` with the real programs.
@Suite("outboard up, with the real programs", .timeLimit(.minutes(2)), .serialized)
struct UpEndToEndTests {
    private static let token = "0123456789abcdef"

    private struct Running {
        let process: ChildProcess
        let folder: URL
        let port: Int
        let redisPort: Int
    }

    private static func start(_ folder: URL, _ arguments: [String] = [], redisURL: String = "") async throws -> Running
    {
        let port = try #require(LoopbackPort.free())
        let redisPort = try #require(LoopbackPort.free())
        let process = try ChildProcess(
            Executables.product("outboard"),
            arguments: [
                "up", "--service", "request-counter", "--redis-port", "\(redisPort)", "--data-dir", folder.path,
            ] + arguments,
            environment: [
                "OUTBOARD_HTTP_PORT": "\(port)", "OUTBOARD_ADMIN_PORT": "0", "OUTBOARD_REDIS_URL": redisURL,
                "OUTBOARD_ADMIN_TOKEN": token,
            ])
        return Running(process: process, folder: folder, port: port, redisPort: redisPort)
    }

    private static func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "up-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    @Test("says what to try, counts it, restarts what is killed, ends on Ctrl-C, and has kept its counters")
    func firstMinute() async throws {
        try await Self.withFolder { folder in
            let up = try await Self.start(folder, ["--scale", "request-counter=2"])
            try await up.process.waitForLine(containing: "outboard: ready; try:")
            let command = try await up.process.waitForLine(containing: "hgetall")
            #expect(command == "  redis-cli -p \(up.redisPort) hgetall 'outboard:{request-counter}:counters'")
            let lines = up.process.lines
            #expect(lines.contains("  curl localhost:\(up.port)/hello"))
            #expect(lines.contains { $0.hasPrefix("core              │ ") && $0.contains("INFO    ready") })
            #expect(lines.contains { $0.hasPrefix("request-counter.2 │ ") && $0.contains("INFO    ready") })
            #expect(try await HTTP.get("http://127.0.0.1:\(up.port)/hello").body == "Hello from Outboard\n")

            let core = try #require(ProcessFacts.descendants(of: up.process.pid).first { $0.name == "outboard-core" })
            sendSignal(SIGKILL, to: core.pid)
            try await up.process.waitForLine(containing: "outboard: core ended with signal 9; starting again in")
            try await eventually {
                (try? await HTTP.get("http://127.0.0.1:\(up.port)/hello", patience: .seconds(1)).status) == 200
            }

            let all = ProcessFacts.descendants(of: up.process.pid)
            #expect(all.filter { $0.name == "request-counter" }.count == 2)
            sendSignal(SIGINT, to: up.process.pid)
            #expect(try await up.process.waitForExit() == 0)
            #expect(!LoopbackPort.answersPing(up.redisPort))
            // The companions of their leashes are ended, too; init takes its time to bury them.
            try await eventually { all.allSatisfy { kill($0.pid, 0) != 0 } }
            let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
            #expect(files.contains { $0.hasPrefix("redis/") && $0.hasSuffix(".aof") })

            let again = try await Self.start(folder)
            try await again.process.waitForLine(containing: "outboard: ready; try:")
            let counted = try ChildProcess(
                URL(filePath: try #require(Executables.path(of: "redis-cli"))),
                arguments: ["-p", "\(again.redisPort)", "hget", "outboard:{request-counter}:counters", "requests"])
            try await counted.waitForExit()
            #expect(Int(counted.lines.first ?? "") ?? 0 >= 1)
            again.process.terminate()
            #expect(try await again.process.waitForExit() == 0)
        }
    }

    @Test("the admin API of its core scales, unloads and loads a service; nothing else is restarted")
    func services() async throws {
        struct Services: Decodable {
            struct Service: Decodable, Equatable {
                let name: String
                let wanted, live: Int
            }
            let services: [Service]
        }
        try await Self.withFolder { folder in
            let up = try await Self.start(folder)
            try await up.process.waitForLine(containing: "outboard: ready; try:")
            let line = try #require(up.process.lines.first { $0.contains("INFO    ready") && $0.contains("admin=") })
            let admin = try #require(line.firstMatch(of: /admin=(http:[^ ]+)/)).1
            func scale(to replicas: Int) async throws -> Int {
                var request = HTTPClientRequest(url: "\(admin)/api/services/request-counter")
                request.method = .PUT
                request.headers = ["authorization": "Bearer \(Self.token)", "content-type": "application/json"]
                request.body = .bytes(ByteBuffer(string: "{\"replicas\":\(replicas)}"))
                return try await HTTP.send(request).status
            }
            func shows(_ wanted: Int, _ live: Int) async throws {
                try await eventually {
                    let body = try? await HTTP.get("\(admin)/api/services").body
                    let shown = try? JSONDecoder().decode(Services.self, from: Data((body ?? "").utf8))
                    return shown?.services == [.init(name: "request-counter", wanted: wanted, live: live)]
                }
            }
            try await shows(1, 1)
            let before = ProcessFacts.descendants(of: up.process.pid).map(\.pid)
            #expect(try await scale(to: 2) == 202)
            try await shows(2, 2)
            let present = ProcessFacts.descendants(of: up.process.pid).map(\.pid)
            #expect(before.allSatisfy(present.contains))
            #expect(try await scale(to: 0) == 202)
            try await shows(0, 0)
            #expect(try await scale(to: 1) == 202)
            try await shows(1, 1)
            for name in ["outboard-core", "redis-server"] {
                let now = ProcessFacts.descendants(of: up.process.pid).filter { $0.name == name }.map(\.pid)
                #expect(now.count == 1 && now.allSatisfy(before.contains), "\(name)")
            }
            up.process.terminate()
            #expect(try await up.process.waitForExit() == 0)
        }
    }

    @Test("leaves nobody behind when it is killed")
    func noOrphans() async throws {
        try await Self.withFolder { folder in
            let up = try await Self.start(folder, ["--scale", "request-counter=3"])
            try await up.process.waitForLine(containing: "outboard: ready; try:")
            let all = ProcessFacts.descendants(of: up.process.pid)
            for (name, count) in [("outboard-core", 1), ("request-counter", 3), ("redis-server", 1)] {
                #expect(all.filter { $0.name == name }.count == count, "\(name) in \(all)")
            }
            up.process.kill()
            try await up.process.waitForExit()
            try await eventually { all.allSatisfy { kill($0.pid, 0) != 0 } }
        }
    }

    @Test("uses the Redis that OUTBOARD_REDIS_URL names, and ends with 69 if that is not there")
    func namedRedis() async throws {
        try await Self.withFolder { folder in
            try await RealBus.with { bus in
                let up = try await Self.start(folder, redisURL: bus.redis.url)
                try await up.process.waitForLine(containing: "hgetall")
                #expect(up.process.lines.contains { $0.contains("redis-cli -u \"$OUTBOARD_REDIS_URL\" hgetall") })
                #expect(!ProcessFacts.descendants(of: up.process.pid).contains { $0.name == "redis-server" })
                up.process.terminate()
                #expect(try await up.process.waitForExit() == 0)
            }
            let nobody = try #require(LoopbackPort.free())
            let up = try ChildProcess(
                Executables.product("outboard"),
                arguments: ["up", "--service", "request-counter", "--data-dir", folder.path],
                environment: ["OUTBOARD_REDIS_URL": "redis://127.0.0.1:\(nobody)", "OUTBOARD_START_TIMEOUT": "1"])
            #expect(try await up.waitForExit() == 69)
            #expect(up.lines.contains { $0.hasPrefix("outboard: OUTBOARD_REDIS_URL: Redis cannot be reached") })
        }
    }

    private func eventually(
        sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async -> Bool
    ) async throws {
        let deadline = ContinuousClock.now + .seconds(15)
        while await !condition(), ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(await condition(), sourceLocation: sourceLocation)
    }
}
