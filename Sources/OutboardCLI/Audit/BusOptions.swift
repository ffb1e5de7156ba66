import ArgumentParser
import Configuration
import Foundation
import Outboard
import OutboardRedis
import RedisClient

/// Which bus a command asks.
struct BusOptions: ParsableArguments {
    @Option(help: "Where Redis is (default: OUTBOARD_REDIS_URL, else redis://127.0.0.1:6390, that of 'outboard up').")
    var redisURL: String?

    @Option(help: "The first part of all names (default: OUTBOARD_NAMESPACE, else outboard).")
    var namespace: String?

    /// What `CLIENT LIST` shows of us.
    static let clientName = "outboard-cli"

    /// The Redis that `outboard up` starts.
    static let ownRedis = "redis://127.0.0.1:6390"

    /// The settings of all our processes, from the environment, with the options above in front.
    ///
    /// - Throws: `SettingsError` that names every problem.
    func configuration(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> BusConfiguration {
        var environment = environment
        environment["OUTBOARD_REDIS_URL"] =
            redisURL ?? environment["OUTBOARD_REDIS_URL"].flatMap { $0.isEmpty ? nil : $0 } ?? Self.ownRedis
        if let namespace { environment["OUTBOARD_NAMESPACE"] = namespace }
        let variables = EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "outboard")
        return try BusConfiguration(reader: ConfigReader(provider: variables))
    }

    /// Asks a question over a connection of its own and closes it.
    static func withConnection<Answer: Sendable>(
        _ configuration: BusConfiguration, _ question: (RedisConnection) async throws -> Answer
    ) async throws -> Answer {
        try await configuration.withConnection(named: clientName, question)
    }

    /// Connects; what a command line does with Redis is over in seconds, so nothing is tried again.
    static func connect(_ configuration: BusConfiguration) async throws -> RedisConnection {
        try await configuration.connect(named: clientName)
    }
}
