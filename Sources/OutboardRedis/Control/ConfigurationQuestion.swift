import Logging
import NIOCore
import NIOPosix
package import Outboard
package import RedisClient

/// Asks the live replicas of a plugin whether it would take a configuration; docs/protocol.md, "Control". Nothing changes.
package struct ConfigurationQuestion: Sendable {
    /// Replicas look at what they are asked every quarter of a second, and at once when they hear it.
    package static let patience = Duration.seconds(2)
    private static let clientName = "outboard-question"
    /// Messages on the control channel that may wait for us.
    private static let mostWaiting = 1_024

    private let bus: BusConfiguration
    private let plugin: PluginName
    private let id: String

    package init(_ bus: BusConfiguration, about plugin: PluginName) {
        self.bus = bus
        self.plugin = plugin
        var generator = SystemRandomNumberGenerator()
        id = PublisherID(name: "question", using: &generator).text
    }

    /// - Parameter config: The settings that would differ from those with which the processes were started.
    /// - Returns: What they have answered within two seconds; at once where no replica lives.
    /// - Throws: `RedisError`.
    package func ask(
        _ config: [String: JSONValue], on redis: RedisConnection
    ) async throws -> ConfigurationTrial {
        let reader = PluginReader(names: bus.names, redis: redis)
        let types = try await reader.manifest(of: plugin)?.subscribes ?? []
        let live = try await reader.replicas(of: plugin, types: types).filter(\.isLive).map(\.id)
        let trial = ConfigurationTrial(replicas: live)
        guard !trial.isSettled else { return trial }
        let (answers, hear) = AsyncStream<ControlMessage>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.mostWaiting))
        let subscription = try await subscribe { hear.yield($0) }
        let result: Result<ConfigurationTrial, any Error>
        do {
            try await subscription.subscribe([bus.names.control]).get()
            var question = ControlMessage(plugin: plugin.rawValue, kind: .judge)
            (question.id, question.config) = (id, config)
            _ = try await redis.send(RedisCommand("PUBLISH", bus.names.control, try question.json())).get()
            result = .success(await collect(answers, hear, trial))
        } catch { result = .failure(error) }
        try? await subscription.close().get()  // it may have ended already
        return try result.get()
    }

    private func collect(
        _ answers: AsyncStream<ControlMessage>, _ hear: AsyncStream<ControlMessage>.Continuation,
        _ trial: ConfigurationTrial
    ) async -> ConfigurationTrial {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                try? await Task.sleep(for: Self.patience)  // only a cancellation ends it early
                hear.finish()
            }
            defer { group.cancelAll() }
            var trial = trial
            for await answer in answers {
                trial.note(answer, of: plugin, to: id)
                if trial.isSettled { break }
            }
            return trial
        }
    }

    private func subscribe(_ hear: @escaping @Sendable (ControlMessage) -> Void) async throws -> RedisSubscription {
        var settings = bus.redis
        settings.clientName = Self.clientName
        let (eventLoop, connecting) = (MultiThreadedEventLoopGroup.singleton.next(), settings)
        return try await eventLoop.flatSubmit {
            RedisSubscription.connect(connecting, on: eventLoop, logger: Logger(label: "outboard")) { _, payload in
                if let message = ControlMessage(payload) { hear(message) }
            }
        }.get()
    }
}
