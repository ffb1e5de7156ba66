import HTTPTypes
import OutboardRedis
import RedisClient

/// Questions to the directory whose failures are problem documents.
extension PluginDirectory {
    /// - Throws: `Problem`.
    func ask<Answer: Sendable>(
        _ question: (any PluginDirectory) async throws -> Answer
    ) async throws -> Answer {
        do {
            return try await question(self)
        } catch let error as RedisError {
            throw Problem.redisDoesNotAnswer(error)
        } catch let refusal as PluginChangeRefusal {
            switch refusal {
            case .unknown: throw Problem.unknownPlugin
            case .wrong(let problems):
                throw Problem(status: .unprocessableContent, detail: problems.joined(separator: "; "))
            case .lives(let count):
                throw Problem(status: .conflict, detail: "\(count) of its replicas live; stop them first.")
            }
        }
    }
}

extension Problem {
    static let unknownPlugin = Problem(status: .notFound, detail: "No plugin of this name has ever registered.")

    static func redisDoesNotAnswer(_ error: RedisError) -> Problem {
        Problem(status: .serviceUnavailable, detail: "Redis does not answer: \(error.message)")
    }
}
