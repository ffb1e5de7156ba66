import NIOCore
package import RedisClient

/// Looks at a Redis and what lies on a bus there, and judges it; it changes nothing. `outboard doctor` and the admin API
/// show what it finds.
package struct Examination: Sendable {
    private let configuration: BusConfiguration
    private let clientName: String

    /// - Parameter clientName: Of the connection that will be asked, so that what was refused to us is not told twice.
    package init(_ configuration: BusConfiguration, clientName: String) {
        self.configuration = configuration
        self.clientName = clientName
    }

    /// - Parameter wantedLanes: What this process would use, to be compared with the bus; nil where it does not say.
    /// - Throws: `RedisError` if the connection is lost.
    package func findings(on redis: RedisConnection, wantedLanes: Int?) async throws -> [Finding] {
        let server = ServerExamination(redis, place: configuration.place, clientName: clientName)
        let findings = ServerChecks(try await server.facts()).findings
        do {
            let bus = BusExamination(redis, names: configuration.names)
            return findings + BusChecks(try await bus.facts(wantedLanes: wantedLanes)).findings
        } catch let error as RedisError where error.code == .serverReply {
            return findings + [Self.refused(error)]
        }
    }

    /// What lies on the bus could not be read to the end.
    private static func refused(_ error: RedisError) -> Finding {
        .fail(
            "bus", "publishers and plugins could not be looked at: \(error.message)",
            mend: error.serverCode == "NOPERM"
                ? "grant this user what it lacks with ACL SETUSER (reading, MULTI, PUBSUB NUMSUB), or use another one in "
                    + "the URL of Redis" : "see what that key holds; if it is not ours, rename it")
    }
}

extension BusConfiguration {
    /// Where Redis is, without credentials.
    package var place: String {
        switch redis.address {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unix(let path): path
        }
    }
}
