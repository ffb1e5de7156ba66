import Logging
import NIOCore
import NIOPosix
import OutboardTesting
import Testing

@testable import RedisClient

/// The two kinds of connection, which begin in the same way.
enum ConnectionKind: CaseIterable {
    case commands, subscription

    /// Connects and closes again.
    func tryOut(_ settings: RedisSettings) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let logger = Logger(label: "test")
        switch self {
        case .commands:
            try await RedisConnection.connect(settings, on: loop, logger: logger).flatMap { $0.close() }.get()
        case .subscription:
            try await loop.flatSubmit {
                RedisSubscription.connect(settings, on: loop, logger: logger) { _, _ in }.flatMap { $0.close() }
            }.get()
        }
    }

    /// The error of an attempt that must fail.
    func refusal(_ settings: RedisSettings, sourceLocation: SourceLocation = #_sourceLocation) async -> RedisError? {
        await #expect(throws: RedisError.self, sourceLocation: sourceLocation) { try await tryOut(settings) }
    }
}

@Suite("Greeting", .enabled(if: ThrowawayRedis.isAvailable), .timeLimit(.minutes(1)))
struct GreetingTests {
    private static func withRedis(_ arguments: [String], _ body: (ThrowawayRedis) async throws -> Void) async throws {
        let redis = try await ThrowawayRedis.start(arguments: arguments)
        do {
            try await body(redis)
        } catch {
            try redis.stop()
            throw error
        }
        try redis.stop()
    }

    @Test("enters as a user of the server's list, over TCP and the unix socket", arguments: ConnectionKind.allCases)
    func user(kind: ConnectionKind) async throws {
        try await Self.withRedis(["--user", "ann", "on", ">right", "~*", "&*", "+@all", "--user", "default", "off"]) {
            redis in
            for address in ["ann:right@127.0.0.1:\(redis.port)", "ann:wrong@127.0.0.1:\(redis.port)"] {
                let settings = try RedisSettings(url: "redis://" + address)
                guard address.contains("wrong") else {
                    try await kind.tryOut(settings)
                    continue
                }
                let error = await kind.refusal(settings)
                #expect(error?.code == .authenticationFailed && error?.serverCode == "WRONGPASS")
                #expect(error?.message.contains("user 'ann'") == true)
                #expect(error?.description.contains("wrong@") == false)
            }
            var unix = try RedisSettings(url: redis.unixURL)
            (unix.user, unix.password) = ("ann", "right")
            try await kind.tryOut(unix)
            unix.password = nil
            #expect(await kind.refusal(unix)?.serverCode == "NOAUTH")
        }
    }

    @Test("says which command the user may not use", arguments: ConnectionKind.allCases)
    func notPermitted(kind: ConnectionKind) async throws {
        try await Self.withRedis(["--user", "ann", "on", ">right", "~*", "&*", "+@all", "-client"]) { redis in
            var settings = try RedisSettings(url: "redis://ann:right@127.0.0.1:\(redis.port)")
            try await kind.tryOut(settings)
            settings.clientName = "me"
            let error = await kind.refusal(settings)
            #expect(error?.code == .authenticationFailed && error?.serverCode == "NOPERM")
            #expect(error?.message.contains("use CLIENT") == true)
        }
    }

    @Test("gives the server's reason where a password is not the trouble", arguments: ConnectionKind.allCases)
    func otherRefusals(kind: ConnectionKind) async throws {
        try await Self.withRedis(["--databases", "2"]) { redis in
            let password = await kind.refusal(try RedisSettings(url: redis.url, password: "needless"))
            #expect(password?.code == .serverReply && password?.serverCode == "ERR")
            #expect(password?.message.contains("refused AUTH: ERR AUTH") == true)
            let database = await kind.refusal(try RedisSettings(url: redis.url + "/7"))
            #expect(database?.code == .serverReply)
            #expect(database?.message.contains("refused SELECT: ERR") == true)
            try await kind.tryOut(RedisSettings(url: redis.url + "/1"))
        }
        let loading = try await SilentServer(.saying("-LOADING Redis is loading the dataset in memory\r\n"))
        let error = await kind.refusal(try RedisSettings(url: "redis://127.0.0.1:\(loading.port)"))
        #expect(error?.code == .serverReply && error?.serverCode == "LOADING")
        try await loading.stop()
    }

    @Test("tells silence from a closed connection, from garbage, and from nobody", arguments: ConnectionKind.allCases)
    func faults(kind: ConnectionKind) async throws {
        func refusal(_ behaviour: SilentServer.Behaviour) async throws -> RedisError? {
            let server = try await SilentServer(behaviour)
            var settings = try RedisSettings(url: "redis://127.0.0.1:\(server.port)")
            settings.connectTimeout = .milliseconds(500)
            let error = await kind.refusal(settings)
            try await server.stop()
            return error
        }
        let silence = try await refusal(.silent)
        #expect(silence?.code == .timedOut && silence?.message.contains("did not answer within 0.5 seconds") == true)
        let closed = try await refusal(.closing)
        #expect(closed?.code == .connectionClosed && closed?.message.contains("rediss://") == true)
        let garbage = try await refusal(.saying("HTTP/1.1 400 Bad Request\r\n\r\n"))
        #expect(garbage?.code == .protocolViolation && garbage?.message.contains("check host and port") == true)
        let number = try await refusal(.saying(":1\r\n"))
        #expect(number?.code == .protocolViolation && number?.message.contains("PING") == true)
        let server = try await SilentServer(.silent)
        try await server.stop()
        let nobody = await kind.refusal(try RedisSettings(url: "redis://127.0.0.1:\(server.port)"))
        #expect(nobody?.code == .connectionFailed)
        #expect(await kind.refusal(RedisSettings(address: .unix(path: "/nowhere/socket")))?.code == .connectionFailed)
    }

    @Test("is done when the last of its answers is a status, and not before")
    func progress() throws {
        var settings = try RedisSettings(url: "redis://ann:p@h/3")
        settings.clientName = "me"
        var greeting = Greeting(settings)
        #expect(greeting.commands.map(\.name) == ["AUTH", "SELECT", "CLIENT", "PING"])
        for _ in 1...3 {
            guard case .waiting = greeting.receive(.status("OK")) else {
                Issue.record("done too early")
                return
            }
        }
        guard case .done = greeting.receive(.status("PONG")) else {
            Issue.record("not done")
            return
        }
    }
}
