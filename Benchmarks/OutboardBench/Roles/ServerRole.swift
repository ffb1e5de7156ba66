import Hummingbird
import Logging
import NIOPosix
import OutboardHTTP
import OutboardRedis
import RedisClient
import ServiceLifecycle

/// The core's HTTP server with one route, with or without the middleware that publishes events.
struct ServerRole: Codable, Sendable {
    /// Nil without events.
    let url: String?

    static let listeningMark = "listening "
    /// Tells the CPU time of this process in nanoseconds.
    static let cpuPath = "/-/cpu"

    /// Serves until it is killed.
    func run() async throws -> Sample {
        let router = Router(context: CoreContext.self)
        var services: [any Service] = []
        if let url {
            let bus = try EventBus(BusConfiguration(redis: try RedisSettings(url: url)), logger: Bench.logger)
            services.append(bus)
            router.add(middleware: RequestEvents<CoreContext>(EventRecorder(bus, logger: Bench.logger)))
        }
        router.get("/hello") { _, _ in "Hello from Outboard\n" }
        router.get("/-/cpu") { _, _ in "\(Int(ProcessUsage.cpuSeconds * 1e9))" }
        services.append(
            SiteService(
                router.buildResponder(), at: .init(setting: "port", host: "127.0.0.1", port: 0),
                limits: ServerLimits(), patience: .seconds(1), state: SiteState(), logger: Bench.logger,
                onListening: { Role.say(Self.listeningMark + $0) }))
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: services, logger: Bench.logger))
        try await group.run()
        return Sample(events: 0)
    }
}
