import Logging
import NIOCore
import NIOPosix
import OutboardTesting
import RedisClient

/// Does to a bus what a plan says.
struct FaultInjector: Sendable {
    let redis: ThrowawayRedis
    let fleet: ReplicaFleet

    /// - Returns: Whether it could be done: a connection that is not there cannot be cut.
    func perform(_ fault: Fault) async throws -> Bool {
        switch fault {
        case .kill(let replica):
            guard await fleet.isRunning(replica) else { return false }
            await fleet.kill(replica)
        case .terminate(let replica):
            guard await fleet.isRunning(replica) else { return false }
            await fleet.terminate(replica)
        case .start(let replica): try await fleet.launch(replica)
        case .freeze(let replica):
            guard await fleet.isRunning(replica) else { return false }
            await fleet.freeze(replica)
        case .thaw(let replica): await fleet.thaw(replica)
        case .cutSubscription(let replica): return await cut(replica, subscription: true)
        case .cutCommands(let replica): return await cut(replica, subscription: false)
        case .cutAllSubscriptions: return await ask("CLIENT", "KILL", "TYPE", "pubsub") != nil
        case .partition(let replica): await fleet.proxy(replica).partition()
        case .heal(let replica): await fleet.proxy(replica).heal()
        case .loseReply(let replica): await fleet.proxy(replica).loseReply(toRequestContaining: "EVALSHA")
        case .killRedis: redis.kill()
        case .startRedis: try await redis.restart()
        case .pauseRedis(let milliseconds):
            return await ask("CLIENT", "PAUSE", "\(milliseconds)", "ALL") != nil
        case .scale(let count): try await fleet.scale(to: count)
        case .jumpClock(let replica, let seconds): return try await fleet.jumpClock(replica, seconds: seconds)
        }
        return true
    }

    /// Cuts one of a replica's connections: Redis knows them by the ports of its proxy.
    private func cut(_ replica: Int, subscription: Bool) async -> Bool {
        let ports = Set(await fleet.proxy(replica).serverPorts.map(String.init))
        guard let list = await ask("CLIENT", "LIST"), case .bulk(let bytes) = list else { return false }
        var done = false
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let fields = Dictionary(
                line.split(separator: " ").compactMap { field -> (Substring, Substring)? in
                    guard let equals = field.firstIndex(of: "=") else { return nil }
                    return (field[..<equals], field[field.index(after: equals)...])
                }
            ) { first, _ in first }
            guard let port = fields["addr"]?.split(separator: ":").last, ports.contains(String(port)),
                let id = fields["id"], (fields["sub"] != "0") == subscription
            else { continue }
            if await ask("CLIENT", "KILL", "ID", String(id)) != nil { done = true }
        }
        return done
    }

    /// The reply to one command over a connection of its own; nil if Redis is away, as it may be here.
    private func ask(_ words: String...) async -> RedisValue? {
        do {
            let connection = try await RedisConnection.connect(
                RedisSettings(url: redis.url), on: MultiThreadedEventLoopGroup.singleton.next(),
                logger: Logger(label: "torture") { _ in SwiftLogNoOpLogHandler() }
            ).get()
            let reply = try? await connection.send(RedisCommand(words: words)).get()  // nil stands for no reply
            try? await connection.close().get()  // it may have ended already
            return reply
        } catch {
            return nil
        }
    }
}
