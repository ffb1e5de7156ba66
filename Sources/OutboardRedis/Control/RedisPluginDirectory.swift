package import Logging
package import NIOCore
package import Outboard
import RedisClient
import ServiceLifecycle

/// Reads the directory from Redis, over one connection that is opened when it is first needed.
///
/// Every question ends within the deadlines of `RedisSettings`; without Redis it fails with `RedisError`.
package actor RedisPluginDirectory: PluginDirectory, Service {
    /// What `CLIENT LIST` shows of us.
    package static let clientName = "outboard-admin"

    private let configuration: BusConfiguration
    private let eventLoop: any EventLoop
    private let logger: Logger
    private var connection: EventLoopFuture<RedisConnection>?

    package init(_ configuration: BusConfiguration, eventLoop: any EventLoop, logger: Logger) {
        var configuration = configuration
        configuration.redis.clientName = Self.clientName
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
    }

    /// Closes the connection on a graceful shutdown.
    package func run() async throws {
        do {
            try await gracefulShutdown()
        } catch is CancellationError {}  // either way the connection ends now
        guard let open = connection else { return }
        connection = nil
        // One that never came about needs no end.
        try? await open.flatMap { $0.close() }.get()
    }

    package func plugins() async throws -> [PluginSummary] {
        try await asking { try await self.reader($0).plugins() }
    }

    package func counters(of plugin: PluginName) async throws -> PluginCounters? {
        try await asking { try await self.reader($0).counters(of: plugin) }
    }

    package func detail(of plugin: PluginName) async throws -> PluginDetail? {
        try await asking { redis in
            let registered = try await BookReader(names: self.configuration.names, redis: redis).plugins()
            return registered.contains(plugin) ? try await self.reader(redis).detail(of: plugin) : nil
        }
    }

    package func audits() async throws -> [PluginAudit] {
        try await asking { redis in
            let reader = BookReader(names: self.configuration.names, redis: redis)
            var audits: [PluginAudit] = []
            for plugin in try await reader.plugins() { audits.append(PluginAudit(try await reader.books(of: plugin))) }
            return audits
        }
    }

    package func hearers(of type: String, key: String?) async throws -> Hearers {
        try await asking { redis in
            try await Hearers.read(type: type, key: key, names: self.configuration.names, on: redis)
        }
    }

    package func findings() async throws -> [Finding] {
        try await asking { redis in
            try await Examination(self.configuration, clientName: Self.clientName).findings(
                on: redis, wantedLanes: self.configuration.lanes)
        }
    }

    package func snapshot() async throws -> BusSnapshot {
        try await asking { try await BusSnapshot.read(self.configuration, on: $0) }
    }

    package func make(_ change: PluginChange, of plugin: PluginName) async throws -> PluginControl {
        try await changing { try await $0.make(change, of: plugin) }
    }

    package func trial(of change: PluginChange, of plugin: PluginName) async throws -> ConfigurationTrial {
        try await asking { redis in
            let names = self.configuration.names
            let config = try await PluginOperator(names: names, redis: redis).config(after: change, of: plugin)
            return try await ConfigurationQuestion(self.configuration, about: plugin).ask(config, on: redis)
        }
    }

    package func forget(_ plugin: PluginName) async throws -> Int {
        try await changing { try await $0.forget(plugin) }
    }

    private func reader(_ redis: RedisConnection) -> PluginReader {
        PluginReader(names: configuration.names, redis: redis)
    }

    /// Changes something over a connection that was just seen to answer. What fails on the way is not tried again: it may
    /// have been done.
    private func changing<Answer: Sendable>(
        _ change: (PluginOperator) async throws -> Answer
    ) async throws -> Answer {
        let redis = try await asking { redis in
            _ = try await redis.send(RedisCommand("TIME")).get()
            return redis
        }
        return try await change(PluginOperator(names: configuration.names, redis: redis))
    }

    /// Asks over the open connection; if that has ended meanwhile, once more over a new one. Asking changes nothing.
    private func asking<Answer: Sendable>(
        _ question: (RedisConnection) async throws -> Answer
    ) async throws -> Answer {
        if let open = connection {
            do {
                return try await question(try await open.get())
            } catch let error as RedisError where Self.isLost(error) {
                logger.debug("the directory connects again", metadata: ["error": "\(error)"])
                // Somebody else may have replaced it while we waited.
                if connection === open { connection = nil }
            }
        }
        let opening = connection ?? RedisConnection.connect(configuration.redis, on: eventLoop, logger: logger)
        connection = opening
        return try await question(try await opening.get())
    }

    private static func isLost(_ error: RedisError) -> Bool {
        [.connectionClosed, .connectionFailed, .authenticationFailed, .badTLS, .tlsFailed, .timedOut, .notConnected]
            .contains(error.code)
    }
}
