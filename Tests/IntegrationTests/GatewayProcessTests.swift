import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import OutboardTesting
import Processes
import Testing

/// The core as a gateway, a process of its own, before an application. No Redis: requests do not need one.
@Suite("The gateway as a process", .timeLimit(.minutes(3)), .serialized)
struct GatewayProcessTests {
    private struct Chunks: AsyncSequence, Sendable {
        let count: Int
        /// Is told each thirty-second.
        let progress: @Sendable () throws -> Void

        struct AsyncIterator: AsyncIteratorProtocol {
            let chunks: Chunks
            var sent = 0

            mutating func next() async throws -> ByteBuffer? {
                guard sent < chunks.count else { return nil }
                sent += 1
                if sent.isMultiple(of: 32) { try chunks.progress() }
                return Upstream.chunk
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(chunks: self) }
    }

    private static func upload(_ core: Core, _ path: String, _ chunks: Chunks) async throws -> HTTP.Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(core.port)\(path)")
        request.method = .POST
        request.body = .stream(chunks, length: .unknown)
        return try await HTTP.send(request, patience: .seconds(90))
    }

    /// 100 MiB in chunks of 64 KiB.
    private static let hundred = 1_600

    @Test(
        "streams 100 MB of chunks up, and its memory stays flat, however slowly they are read",
        arguments: ["/sink", "/slow"])
    func upload(path: String) async throws {
        try await RunningGateway.with { core, _ in
            _ = try await Self.upload(core, "/sink", Chunks(count: 256) {})  // warm
            let before = try core.memory
            let answer = try await Self.upload(
                core, path,
                Chunks(count: Self.hundred) {
                    let growth = try core.memory - before
                    #expect(growth < RunningGateway.flat)
                })
            #expect(answer.status == 200 && answer.body == "\(Self.hundred * Upstream.chunk.readableBytes)")
            #expect(try core.memory - before < RunningGateway.flat)
        }
    }

    @Test("streams 100 MB of chunks down, and its memory stays flat")
    func download() async throws {
        try await RunningGateway.with { core, _ in
            let url = "http://127.0.0.1:\(core.port)/source"
            _ = try await HTTP.get(url + "/16")  // warm
            let before = try core.memory
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: "\(url)/\(Self.hundred)"), timeout: .seconds(90))
            var (count, parts) = (0, 0)
            for try await buffer in response.body {
                count += buffer.readableBytes
                parts += 1
                if parts.isMultiple(of: 32) { #expect(try core.memory - before < RunningGateway.flat) }
            }
            #expect(count == Self.hundred * Upstream.chunk.readableBytes)
        }
    }

    @Test("carries 1000 requests at once, each on a connection of its own")
    func thousand() async throws {
        try #require(OpenFiles.raiseLimit() > 3_500)
        try await RunningGateway.with { core, upstream in
            let report = try await HTTPLoad.run(1_000, port: core.port, connections: 1_000) { _ in "/together/1000" }
            #expect(report.statuses == [200: 1_000] && report.unanswered == 0)
            #expect(upstream.tally.requests == 1_000)
        }
    }

    @Test("keeps its connections to the application for the next requests")
    func reuse() async throws {
        try await RunningGateway.with { core, upstream in
            let report = try await HTTPLoad.run(2_000, port: core.port, connections: 8)
            #expect(report.statuses == [200: 2_000])
            #expect(upstream.tally.requests == 2_000 && upstream.tally.connections <= 16)
        }
    }

    @Test("answers 504 to who waits too long: no answer, or a body that is not taken")
    func tooSlow() async throws {
        try await RunningGateway.with(["OUTBOARD_UPSTREAM_TIMEOUT": "1"]) { core, _ in
            let began = ContinuousClock.now
            #expect(try await HTTP.get("http://127.0.0.1:\(core.port)/mute").status == 504)
            #expect(ContinuousClock.now - began >= .seconds(1))
            let before = try core.memory
            let outcome = try await PushingClient.push(Self.hundred, to: "/deaf", port: core.port)
            #expect(outcome.status == 504 && outcome.chunksSent < Self.hundred)
            #expect(try core.memory - before < RunningGateway.flat)
        }
    }

    @Test("answers 502 when the application hangs up or is not there, and never completes half an answer")
    func broken() async throws {
        try await RunningGateway.with { core, _ in
            let url = "http://127.0.0.1:\(core.port)"
            let answer = try await HTTP.get(url + "/drop")
            #expect(answer.status == 502 && answer.headers["content-type"] == ["application/problem+json"])
            await #expect(throws: (any Error).self) { _ = try await HTTP.get(url + "/half") }
            // The next one is served as if nothing had been.
            #expect(try await HTTP.get(url).body == "ok")
        }
        let nobody = try #require(LoopbackPort.free())
        try await RunningGateway.with(["OUTBOARD_UPSTREAM": "http://127.0.0.1:\(nobody)"]) { core, _ in
            let answer = try await HTTP.get("http://127.0.0.1:\(core.port)/")
            #expect(answer.status == 502)
        }
    }

    @Test("refuses heads and bodies beyond its limits")
    func limits() async throws {
        try await RunningGateway.with(["OUTBOARD_MAX_BODY_BYTES": "\(1 << 20)"]) { core, _ in
            let largest = try await Self.upload(core, "/sink", Chunks(count: 16) {})
            #expect(largest.body == "\(1 << 20)")
            #expect(try await Self.upload(core, "/sink", Chunks(count: 64) {}).status == 413)
            let huge: HTTPHeaders = ["X-Huge": String(repeating: "a", count: 70_000)]
            #expect(try await HTTP.get("http://127.0.0.1:\(core.port)/", headers: huge).status == 431)
        }
    }
}
