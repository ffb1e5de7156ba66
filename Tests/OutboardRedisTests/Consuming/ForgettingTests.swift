import NIOCore
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("Forgetting publishers", .timeLimit(.minutes(2)), .serialized)
struct ForgettingTests {
    @Test("a publisher that was silent for a day becomes totals, and never comes back")
    func forgets() async throws {
        try await BusFixture.with { bus in
            let names = bus.names
            let source = "/old-1/test.ping/3"
            @Sendable func publish(_ id: Int) async throws {
                let event =
                    #"{"specversion":"1.0","source":"\#(source)","id":"\#(id)","type":"test.ping","#
                    + #""time":"2026-11-21T10:00:00Z","data":{"number":1}}"#
                _ = try await bus.command("PUBLISH", names.events(type: "test.ping", lane: 3), event)
            }
            // The last heartbeat of the one is a day and an hour old, that of the other an hour less than a day.
            let now = try RedisClock.milliseconds(try await bus.command("TIME"))
            let other = "/quiet-1/test.ping/4"
            for (publisher, source, hours) in [("old-1", source, 25), ("quiet-1", other, 23)]
                as [(String, String, Int64)]
            {
                let field = String(source.dropFirst(publisher.count + 2))
                _ = try await bus.command("HSET", names.publisher(publisher), "started", "1", field, "2")
                _ = try await bus.command("ZADD", names.publishers, "\(now - hours * 3_600_000)", publisher)
                _ = try await bus.command("HSET", names.book(bus.plugin, .applied), source, "2")
                _ = try await bus.command("HSET", names.book(bus.plugin, .handled), source, "1")
                _ = try await bus.command("HSET", names.book(bus.plugin, .missed), source, "1")
            }
            try await bus.withReplica {
                try await bus.wait(seconds: 30, "it is retired") {
                    try await bus.command("ZSCORE", names.retired(bus.plugin), "old-1").stringOrNil() != nil
                }
                #expect(
                    try await bus.hash(names.totals(bus.plugin)) == ["applied": "2", "handled": "1", "missed": "1"])
                #expect(try await bus.hash(names.book(bus.plugin, .applied))[source] == nil)
                #expect(try await bus.command("ZSCORE", names.retired(bus.plugin), "quiet-1").stringOrNil() == nil)
                try await publish(3)
                try await bus.wait(seconds: 10, "its zombie is malformed") {
                    let prefix = names.replica(bus.plugin, "")
                    let keys = try await bus.command("KEYS", prefix + "*").array()
                    guard let key = keys.first else { return false }
                    return try await bus.hash(key.string())["malformed"] == "1"
                }
                #expect(try await bus.hash(names.book(bus.plugin, .applied))[source] == nil)
            }
            #expect(try await bus.pings == 0)
        }
    }

    @Test("nothing is forgotten when a fence has moved meanwhile")
    func movedFence() async throws {
        try await BusFixture.with { bus in
            let applied = bus.names.book(bus.plugin, .applied)
            _ = try await bus.command("HSET", applied, "/old-1/test.ping/3", "3", "/old-1/test.ping/4", "7")
            var arguments = RedisArguments()
            for word in ["old-1", "1000", "/old-1/test.ping/3", "3", "/old-1/test.ping/4", "6"] {
                arguments.append(word)
            }
            let connection = try await bus.connection()
            let reply = try await connection.evaluate(
                Scripts.forget, keys: [bus.names.prefix(bus.plugin)], arguments: arguments
            ).get()
            try await connection.close().get()
            #expect(reply == .integer(0))
            #expect(try await bus.hash(applied).count == 2)
            #expect(try await bus.hash(bus.names.totals(bus.plugin)).isEmpty)
        }
    }
}
