import OutboardTesting
import Testing

@testable import RedisClient

@Suite("TLS to a real server", .enabled(if: ThrowawayRedis.isAvailable), .timeLimit(.minutes(1)))
struct TLSTests {
    /// Runs `body` with a server, TLS settings that fit it, and the certificates.
    private func withRedis(
        _ clients: ThrowawayRedis.Certificates.Clients = .withoutCertificate, certificate: String = "server.crt",
        _ body: (ThrowawayRedis, RedisSettings, TestCertificates) async throws -> Void
    ) async throws {
        let certificates = try TestCertificates()
        let redis = try await ThrowawayRedis.start(certificates: certificates.server(certificate, clients: clients))
        do {
            var tls = RedisTLS()
            tls.caCertificatePath = certificates.path("ca.crt")
            let url = try #require(redis.tlsURL)
            try await body(redis, RedisSettings(url: url, tls: tls), certificates)
        } catch {
            try redis.stop()
            throw error
        }
        try redis.stop()
        try certificates.remove()
    }

    @Test("trusts the given CA, by name and by address", arguments: ConnectionKind.allCases)
    func trusted(kind: ConnectionKind) async throws {
        try await withRedis { _, settings, _ in
            try await kind.tryOut(settings)
            var byAddress = settings
            guard case .tcp(_, let port) = settings.address else { return }
            byAddress.address = .tcp(host: "127.0.0.1", port: port)
            try await kind.tryOut(byAddress)
            var byOtherName = settings
            byOtherName.tls?.serverName = "redis.test"
            try await kind.tryOut(byOtherName)
        }
    }

    @Test("refuses a server that another CA signed, or none we know", arguments: ConnectionKind.allCases)
    func untrusted(kind: ConnectionKind) async throws {
        try await withRedis { _, settings, certificates in
            var settings = settings
            settings.tls?.caCertificatePath = certificates.path("other.crt")
            let error = await kind.refusal(settings)
            #expect(error?.code == .tlsFailed && error?.message.contains("signed its certificate") == true)
            settings.tls?.caCertificatePath = nil
            #expect(await kind.refusal(settings)?.code == .tlsFailed)
        }
    }

    @Test("refuses a certificate for another name", arguments: ConnectionKind.allCases)
    func wrongName(kind: ConnectionKind) async throws {
        try await withRedis(certificate: "localhost.crt") { _, settings, _ in
            try await kind.tryOut(settings)
            var settings = settings
            settings.tls?.serverName = "elsewhere.test"
            let error = await kind.refusal(settings)
            #expect(error?.code == .tlsFailed && error?.message.contains("another name") == true)
        }
    }

    @Test("shows its own certificate where the server wants one", arguments: ConnectionKind.allCases)
    func clientCertificate(kind: ConnectionKind) async throws {
        try await withRedis(.withCertificate) { _, settings, certificates in
            var settings = settings
            let error = await kind.refusal(settings)
            #expect(error?.code == .tlsFailed && error?.message.contains("client certificate") == true)
            settings.tls?.certificatePath = certificates.path("client.crt")
            settings.tls?.privateKeyPath = certificates.path("client.key")
            try await kind.tryOut(settings)
            settings.tls?.privateKeyPath = certificates.path("nowhere.key")
            #expect(await kind.refusal(settings)?.code == .badTLS)
        }
    }

    @Test("does not speak in the clear, nor TLS to a plain server", arguments: ConnectionKind.allCases)
    func mixedUp(kind: ConnectionKind) async throws {
        try await withRedis { redis, settings, _ in
            var toPlain = settings
            toPlain.address = .tcp(host: "localhost", port: redis.port)
            toPlain.connectTimeout = .milliseconds(500)
            let error = await kind.refusal(toPlain)
            // What a plain Redis makes of a handshake, an answer or silence, depends on the random bytes in it.
            #expect(error?.code == .tlsFailed || error?.code == .timedOut)
            #expect(error?.message.contains("speaks") == true && error?.message.contains("TLS") == true)
            var toTLS = settings
            toTLS.tls = nil
            let closed = await kind.refusal(toTLS)
            #expect(closed?.code == .connectionClosed && closed?.message.contains("rediss://") == true)
        }
    }
}
