import Logging
import NIOCore
import NIOPosix
package import RedisClient

extension BusConfiguration {
    /// Connects once; nothing is tried again.
    ///
    /// - Parameter name: What Redis shows in `CLIENT LIST`.
    package func connect(named name: String) async throws -> RedisConnection {
        var settings = redis
        settings.clientName = name
        return try await RedisConnection.connect(
            settings, on: MultiThreadedEventLoopGroup.singleton.next(), logger: Logger(label: "outboard")
        ).get()
    }

    /// Asks a question over a connection of its own and closes it.
    package func withConnection<Answer: Sendable>(
        named name: String, _ question: (RedisConnection) async throws -> Answer
    ) async throws -> Answer {
        let connection = try await connect(named: name)
        let answer: Result<Answer, any Error>
        do { answer = .success(try await question(connection)) } catch { answer = .failure(error) }
        try? await connection.close().get()  // nothing is lost if it has ended by itself
        return try answer.get()
    }
}
