import Foundation
import OutboardTesting

/// A running `outboard-core` on free ports.
struct Core {
    let process: ChildProcess
    let port: Int
    let adminPort: Int

    /// - Parameter environment: Settings besides the ports.
    static func start(_ environment: [String: String]) async throws -> Core {
        let process = try ChildProcess(
            Executables.product("outboard-core"),
            environment: ["OUTBOARD_HTTP_PORT": "0", "OUTBOARD_ADMIN_PORT": "0"].merging(environment) { $1 })
        // A line of the log: JSON, as its output is no terminal.
        let line = try await process.waitForLine(containing: "\"message\":\"ready\"", within: .seconds(30))
        let ready = try JSONDecoder().decode(Ready.self, from: Data(line.utf8)).metadata
        return Core(process: process, port: try port(of: ready.http), adminPort: try port(of: ready.admin))
    }

    /// Starts one for the time of `body`, then ends it as an operator does.
    static func with(
        _ environment: [String: String], _ body: @Sendable (Core) async throws -> Void
    ) async throws {
        let core = try await start(environment)
        do {
            try await body(core)
        } catch {
            core.process.kill()
            throw error
        }
        core.process.terminate()
        let code = try await core.process.waitForExit(within: .seconds(12))
        guard code == 0 else { throw EndedBadly(code: code, lines: core.process.lines.suffix(10)) }
    }

    struct EndedBadly: Error {
        let code: Int32
        let lines: ArraySlice<String>
    }

    /// Resident bytes of the process.
    var memory: Int { get throws { try ProcessFacts.resident(process.pid) } }

    /// One figure of `/metrics`.
    func metric(_ name: String) async throws -> Int {
        let text = try await HTTP.get("http://127.0.0.1:\(adminPort)/metrics").body
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        guard let value = line?.split(separator: " ").last.flatMap({ Int($0) }) else { throw NoSuchMetric(name: name) }
        return value
    }

    struct NoSuchMetric: Error {
        let name: String
    }

    private struct Ready: Decodable {
        struct Metadata: Decodable {
            let http: String
            let admin: String
        }
        let metadata: Metadata
    }

    private static func port(of url: String) throws -> Int {
        guard let port = URL(string: url)?.port else { throw NoSuchMetric(name: url) }
        return port
    }
}

/// What the kernel says about other processes.
enum ProcessFacts {
    /// Resident bytes, as `/proc` has them.
    static func resident(_ pid: Int32) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }

    /// Children and their children, by the name of their program.
    static func descendants(of pid: Int32) -> [(pid: Int32, name: String)] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }
        var parents: [Int32: (parent: Int32, name: String)] = [:]
        for pid in all {
            // Gone meanwhile: no child any more.
            guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
                let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"),
                let parent = text[close...].split(separator: " ").dropFirst(2).first.flatMap({ Int32($0) })
            else { continue }
            parents[pid] = (parent, String(text[text.index(after: open)..<close]))
        }
        var found: [(pid: Int32, name: String)] = []
        var open = [pid]
        while let next = open.popLast() {
            for (child, fact) in parents where fact.parent == next {
                found.append((child, fact.name))
                open.append(child)
            }
        }
        return found
    }
}
