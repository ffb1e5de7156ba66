import Logging
import RedisClient

/// What Redis refuses: a full memory, a key of the wrong type, a damaged field. Said once, shown in the replica's hash, and
/// tried again, because somebody can mend it; a new connection would mend nothing and lose what comes meanwhile.
extension Replica {
    /// Does one duty. An error reply is kept in mind until the same duty succeeds.
    ///
    /// - Throws: Whatever ends the session: lost connections, and `READONLY`, the word of a server that is no longer the
    ///   master.
    func trying(_ duty: Duty, _ body: () async throws -> Void) async throws {
        do {
            try await body()
            guard session.refusals.removeValue(forKey: duty) != nil else { return }
        } catch let error as RedisError where Self.isRefusal(error) {
            let reason = "\(error)"
            if session.refusals.updateValue(reason, forKey: duty) == reason { return }
            logger.error("Redis refused; trying again", metadata: ["duty": "\(duty)", "error": "\(error)"])
        }
        problem = Duty.allCases.compactMap { session.refusals[$0] }.first ?? ""
        // One that is going says so until the end.
        if [.running, .disabled, .failed].contains(state) {
            state = !problem.isEmpty ? .failed : session.state == .enabled ? .running : .disabled
        }
        if problem.isEmpty { logger.info("Redis takes everything again") }
        adjustReading()
    }

    private static func isRefusal(_ error: RedisError) -> Bool {
        switch error.code {
        case .serverReply: error.serverCode != "READONLY"
        case .unexpectedReply: true
        default: false
        }
    }
}
