import NIOCore
import OutboardTesting
import RedisClient
import Testing

@Suite("TCPProxy", .timeLimit(.minutes(1)))
struct PartitionTests {
    @Test("tells nobody of a partition, and passes what was sent meanwhile when it heals")
    func partition() async throws {
        try await BusFixture.with { bus in
            let proxy = try TCPProxy(to: bus.redis.port)
            let far = try await RedisConnection.connect(
                RedisSettings(url: proxy.url), on: BusFixture.loop, logger: BusFixture.logger
            ).get()
            _ = try await far.send(RedisCommand("SET", "a", "1")).get()
            #expect(proxy.serverPorts.count == 1)

            proxy.partition()
            let late = far.send(RedisCommand("SET", "a", "2"))
            // The same question over a connection that is not cut: by then the other one would long be there.
            for _ in 0..<50 { #expect(try await bus.command("GET", "a").string() == "1") }
            proxy.heal()
            _ = try await late.get()
            #expect(try await bus.command("GET", "a").string() == "2")
            try await far.close().get()
            proxy.stop()
        }
    }

    @Test("gives the ports by which the server knows the connections")
    func ports() async throws {
        try await BusFixture.with { bus in
            let proxy = try TCPProxy(to: bus.redis.port)
            let far = try await RedisConnection.connect(
                RedisSettings(url: proxy.url), on: BusFixture.loop, logger: BusFixture.logger
            ).get()
            let info = try await far.send(RedisCommand("CLIENT", "LIST")).get().string()
            let port = try #require(proxy.serverPorts.first)
            #expect(info.contains("addr=127.0.0.1:\(port) "))
            try await far.close().get()
            proxy.stop()
        }
    }
}
