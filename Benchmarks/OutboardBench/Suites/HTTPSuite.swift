import AsyncHTTPClient
import Foundation
import NIOCore
import OutboardTesting

/// What one event per request costs an HTTP server.
struct HTTPSuite {
    let bench: Bench

    enum Names {
        static let without = "HTTP server without events"
        static let with = "HTTP server, an event a request"
    }

    func measure() async throws -> Section {
        try await bench.clear()
        let without = try Role.server(ServerRole(url: nil)).start()
        let with = try Role.server(ServerRole(url: bench.redis.url)).start()
        defer {
            without.kill()
            with.kill()
        }
        let addresses = [try await address(of: without), try await address(of: with)]
        for address in addresses { _ = try await wrk(address, milliseconds: 1_000) }
        return Section(
            .http, title: "HTTP (wrk, 1 thread, 32 connections, GET /hello)",
            outcomes: try await Alternation.run(
                [
                    Contender(Names.without) { try await turn(addresses[0]) },
                    Contender(Names.with) { try await turn(addresses[1]) },
                ], rounds: bench.rounds))
    }

    private func address(of server: ChildProcess) async throws -> String {
        let line = try await server.waitForLine(containing: ServerRole.listeningMark)
        return String(line.dropFirst(ServerRole.listeningMark.count))
    }

    private func turn(_ address: String) async throws -> Sample {
        let redisBefore = try await bench.redisCPU()
        let before = try await cpuSeconds(address)
        var sample = try await wrk(address, milliseconds: bench.scaled(3_000, multiple: 1_000))
        sample.cpuSeconds = try await cpuSeconds(address) - before
        sample.redisCPUSeconds = try await bench.redisCPU() - redisBefore
        return sample
    }

    private func cpuSeconds(_ address: String) async throws -> Double {
        let request = HTTPClientRequest(url: "http://\(address)\(ServerRole.cpuPath)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(5))
        let text = String(buffer: try await response.body.collect(upTo: 100))
        guard let nanoseconds = Int(text) else { throw BenchError("the server says '\(text)' of its CPU time") }
        return Double(nanoseconds) * 1e-9
    }

    private func wrk(_ address: String, milliseconds: Int) async throws -> Sample {
        let lines = try await Tool.run(
            "wrk",
            ["-t1", "-c32", "-d\(milliseconds / 1_000)s", "--latency", "http://\(address)/hello"])
        guard !lines.contains(where: { $0.contains("Socket errors") || $0.contains("Non-2xx") }) else {
            throw BenchError("wrk had errors: \(lines)")
        }
        // "  123456 requests in 3.00s, 20.1MB read" and "Requests/sec:  41152.00"
        let count = lines.first { $0.contains(" requests in ") }?.split(separator: " ").first.flatMap { Int($0) }
        let rate = lines.first { $0.hasPrefix("Requests/sec:") }?.split(separator: " ").last.flatMap { Double($0) }
        guard let count, let rate, rate > 0 else { throw BenchError("wrk wrote: \(lines)") }
        var sample = Sample(events: count, seconds: Double(count) / rate)
        sample.p99Milliseconds = lines.first { $0.contains(" 99%") }?.split(separator: " ").last.flatMap(
            Self.milliseconds)
        return sample
    }

    /// `1.23ms`, `850.00us` or `1.05s`.
    private static func milliseconds(_ text: Substring) -> Double? {
        if text.hasSuffix("us") { return Double(text.dropLast(2)).map { $0 / 1_000 } }
        if text.hasSuffix("ms") { return Double(text.dropLast(2)) }
        return text.hasSuffix("s") ? Double(text.dropLast()).map { $0 * 1_000 } : nil
    }
}
