import Hummingbird
import Logging
import NIOPosix
import Outboard
import OutboardHTTP
import OutboardRedis
import ServiceLifecycle
import UnixSignals

/// The core, composed: settings, then services, then a group that runs them.
///
/// A shutdown goes backwards through the services: the site ends first (4 s for requests under way), then the admin
/// site, the connections to the upstream, and last the bus, which has 3 s to send what waits. Together that is less
/// than the 8 s that a container is given.
struct CoreProcess {
    static let version = "0.1.0"

    let settings: CoreSettings
    /// How many files, connections among them, the process may have open.
    let openFiles: Int
    let logger: Logger

    /// Connections of clients at once: what files there are, less some for everything else; behind a gateway each needs
    /// another one to the upstream.
    private var connections: Int {
        min(max(64, (openFiles - 512) / (settings.gateway == nil ? 1 : 2)), 16_384)
    }

    func run() async throws {
        let bus = try EventBus(settings.bus, logger: Logger(label: "outboard.bus"))
        let recorder = EventRecorder(bus, logger: logger)
        let events = RequestEvents<CoreContext>(recorder, options: settings.events)
        let directory = RedisPluginDirectory(
            settings.bus, eventLoop: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
        let state = SiteState()
        let admin = AdminSite(
            AdminSite.Sources(
                version: Self.version, isServing: { state.isServing }, requests: { recorder.counts },
                bus: { bus.statistics }, directory: directory, token: settings.adminToken.map(AdminToken.init),
                events: EventStream(settings.bus),
                tracer: RequestTracer(settings.bus, clientName: RedisPluginDirectory.clientName), publishing: bus,
                services: settings.services))
        var adminLimits = ServerLimits()
        adminLimits.connections = 128
        let line = StartLine(
            content: settings.gateway.map { "gateway to \($0.description)" } ?? "demo site", logger: logger)
        var services: [any Service] = [bus, directory]
        let site: any Service
        if var gatewaySettings = settings.gateway {
            gatewaySettings.maxConnections = connections
            let gateway = Gateway(gatewaySettings, logger: logger)
            services.append(gateway)
            site = serve(ObservedGateway(gateway, events: events), state, line)
        } else {
            let router = Router(context: CoreContext.self, options: [.autoGenerateHeadEndpoints])
            router.add(middleware: events)
            router.add(middleware: ProblemResponses())
            DemoSite.add(to: router)
            site = serve(router.buildResponder(), state, line)
        }
        services.append(
            SiteService(
                admin.router().buildResponder(),
                at: .init(setting: "OUTBOARD_ADMIN_PORT", host: settings.admin.host, port: settings.admin.port),
                limits: adminLimits, patience: .milliseconds(500), state: SiteState(), logger: logger,
                onListening: { line.listening(.admin, at: $0) }))
        services.append(site)
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .milliseconds(7_800)
        try await ServiceGroup(configuration: configuration).run()
    }

    private func serve<Responder: HTTPResponder>(
        _ responder: Responder, _ state: SiteState, _ line: StartLine
    ) -> any Service where Responder.Context == CoreContext {
        var limits = ServerLimits()
        limits.connections = connections
        if let gateway = settings.gateway {
            limits.bodyBytes = gateway.maxBodyBytes
            // Else a connection would seem idle while it waits for the upstream to take more of its request.
            limits.idle = max(limits.idle, gateway.timeout + .seconds(15))
        }
        return SiteService(
            responder, at: .init(setting: "OUTBOARD_HTTP_PORT", host: settings.http.host, port: settings.http.port),
            limits: limits, patience: .seconds(4), state: state, logger: logger,
            onListening: { line.listening(.http, at: $0) })
    }
}
