import Logging
import NIOCore
import NIOPosix
import Outboard
import OutboardRedis
import RedisClient

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The `health` subcommand: a replica of this plugin on this host proves each second that it is heard, and says so in
/// its hash; one that cannot has no lease or another state.
enum HealthCheck<P: Plugin> {
    static func run(_ flags: [String]) async -> ExitCode {
        do {
            let name = try P.manifest.validatedName()
            let settings = try ServiceSettings(for: P.self, arguments: flags)
            let (isHealthy, finding) = try await look(name, settings)
            PluginProcess<P>.write(finding + "\n", to: isHealthy ? STDOUT_FILENO : STDERR_FILENO)
            return isHealthy ? .stopped : .unhealthy
        } catch let error as SettingsError {
            PluginProcess<P>.write("\(P.manifest.name): \(error)\n", to: STDERR_FILENO)
            return .usage
        } catch {
            PluginProcess<P>.write("\(P.manifest.name): unhealthy: \(error)\n", to: STDERR_FILENO)
            return .unhealthy
        }
    }

    private static func look(_ name: PluginName, _ settings: ServiceSettings) async throws -> (Bool, String) {
        let bus = settings.bus
        let connection = try await RedisConnection.connect(
            bus.redis, on: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "health")
        ).get()
        let finding: (Bool, String)
        do {
            finding = try await look(name, bus, connection)
        } catch {
            try? await connection.close().get()  // the first error is the one to tell
            throw error
        }
        try await connection.close().get()
        return finding
    }

    private static func look(
        _ name: PluginName, _ bus: BusConfiguration, _ connection: RedisConnection
    ) async throws -> (Bool, String) {
        let now = try RedisClock.milliseconds(try await connection.send(RedisCommand("TIME")).get())
        let key = bus.names.replicas(name, type: P.Payload.eventType)
        let alive = try await connection.send(RedisCommand("ZRANGEBYSCORE", key, "(\(now)", "+inf")).get()
            .array().map { try $0.string() }
        for id in alive {
            let fields = try await connection.send(RedisCommand("HMGET", bus.names.replica(name, id), "host", "state"))
                .get().array().map { try $0.stringOrNil() }
            guard fields.count == 2, fields[0] == bus.host else { continue }
            let state = fields[1] ?? "unknown"
            let isHealthy = state == ReplicaState.running.rawValue || state == ReplicaState.disabled.rawValue
            return (isHealthy, "\(name): replica \(id) is \(state)")
        }
        return (false, "\(name): no replica on host \(bus.host) has a lease")
    }
}
