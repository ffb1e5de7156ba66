import HTTPTypes
package import Hummingbird
import Outboard
package import OutboardRedis
import RedisClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an operator and a monitoring system see of the core, on a port of its own.
///
/// The core is ready while it serves, with or without Redis: requests do not need the bus, so a core without it must not
/// be taken out of rotation. `/health/ready` says in its body whether the bus is connected; alarms go by `/metrics`.
package struct AdminSite: Sendable {
    /// What the site shows, asked for at each request.
    package struct Sources: Sendable {
        package var version: String
        package var isServing: @Sendable () -> Bool
        package var requests: @Sendable () -> EventRecorder.Counts
        package var bus: @Sendable () -> BusStatistics
        package var directory: any PluginDirectory

        package init(
            version: String, isServing: @escaping @Sendable () -> Bool,
            requests: @escaping @Sendable () -> EventRecorder.Counts, bus: @escaping @Sendable () -> BusStatistics,
            directory: any PluginDirectory
        ) {
            self.version = version
            self.isServing = isServing
            self.requests = requests
            self.bus = bus
            self.directory = directory
        }
    }

    private let sources: Sources
    private let started = Date().timeIntervalSince1970

    package init(_ sources: Sources) {
        self.sources = sources
    }

    /// The site's routes, errors as problem documents.
    package func router() -> Router<CoreContext> {
        let router = Router(context: CoreContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ProblemResponses())
        router.get("/health/live") { _, _ in
            try json(Health(status: "live", bus: nil))
        }
        router.get("/health/ready") { _, _ in
            let bus = sources.bus().connected ? "connected" : "disconnected"
            let isServing = sources.isServing()
            return try json(
                Health(status: isServing ? "ready" : "not serving", bus: bus),
                status: isServing ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in metrics() }
        router.get("/api/plugins") { _, _ in
            try json(Plugins(plugins: try await ask { try await $0.plugins() }))
        }
        router.get("/api/plugins/:name/counters") { _, context in
            let name = try context.parameters.require("name")
            // What is no name is no plugin's name.
            guard let plugin = try? PluginName(name),
                let counters = try await ask({ try await $0.counters(of: plugin) })
            else { throw Problem(status: .notFound, detail: "No plugin of this name has ever registered.") }
            return try json(counters)
        }
        return router
    }

    private func metrics() -> Response {
        let text = MetricsText(
            version: sources.version, requests: sources.requests(), bus: sources.bus(),
            memory: ProcessMemory.resident, started: started
        ).text
        return Response(
            status: .ok, headers: [.contentType: MetricsText.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func ask<Answer: Sendable>(
        _ question: (any PluginDirectory) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await question(sources.directory)
        } catch let error as CancellationError {
            throw error
        } catch let error as RedisError {
            throw Problem(status: .serviceUnavailable, detail: "Redis does not answer: \(error.message)")
        }
    }

    private func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(value) + Data("\n".utf8)
        return Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private struct Health: Encodable {
        let status: String
        let bus: String?
    }

    private struct Plugins: Encodable {
        let plugins: [PluginSummary]
    }
}
