import HTTPTypes
package import Hummingbird
import Outboard
package import OutboardRedis
package import Processes
import RedisClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What an operator and a monitoring system see of the core, on a port of its own; `openapi.json` describes it.
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
        /// Nil where nothing may be changed.
        package var token: AdminToken?
        /// Nil where events are not shown.
        package var events: EventStream?
        /// Nil where no request is followed.
        package var tracer: RequestTracer?
        /// Nil where nothing is published.
        package var publishing: EventBus?
        /// Where to say what is wanted of the services; nil where no `outboard up` runs this core.
        package var services: ServiceBoard?

        package init(
            version: String, isServing: @escaping @Sendable () -> Bool,
            requests: @escaping @Sendable () -> EventRecorder.Counts, bus: @escaping @Sendable () -> BusStatistics,
            directory: any PluginDirectory, token: AdminToken? = nil, events: EventStream? = nil,
            tracer: RequestTracer? = nil, publishing: EventBus? = nil,
            services: ServiceBoard? = nil
        ) {
            self.version = version
            self.isServing = isServing
            self.requests = requests
            self.bus = bus
            self.directory = directory
            self.token = token
            self.events = events
            self.tracer = tracer
            self.publishing = publishing
            self.services = services
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
            try AdminJSON.response(Health(status: "live", bus: nil))
        }
        router.get("/health/ready") { _, _ in
            let bus = sources.bus().connected ? "connected" : "disconnected"
            let isServing = sources.isServing()
            return try AdminJSON.response(
                Health(status: isServing ? "ready" : "not serving", bus: bus),
                status: isServing ? .ok : .serviceUnavailable)
        }
        router.get("/metrics") { _, _ in metrics() }
        router.get("/api/openapi.json") { _, _ in AdminJSON.response(bytes: PackageResources.openapi_json) }
        PluginRoutes(directory: sources.directory, token: sources.token).add(to: router)
        ServiceRoutes(board: sources.services, directory: sources.directory, token: sources.token).add(to: router)
        if let events = sources.events {
            router.get("/api/events") { request, _ in try events.response(to: request) }
        }
        if let tracer = sources.tracer { TraceRoute(tracer).add(to: router) }
        if let bus = sources.publishing {
            PublishRoute(bus: bus, directory: sources.directory, token: sources.token).add(to: router)
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

    private struct Health: Encodable {
        let status: String
        let bus: String?
    }
}
