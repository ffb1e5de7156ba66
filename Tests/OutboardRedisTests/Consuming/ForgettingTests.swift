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
            // Its last heartbeat is two days old, its record is complete; a second one still lacks an event.
            _ = try await bus.command("HSET", names.publisher("old-1"), "started", "1", "test.ping/3", "2")
            _ = try await bus.command("ZADD", names.publishers, "1000", "old-1")
            _ = try await bus.command("HSET", names.publisher("behind-1"), "started", "1", "test.ping/4", "9")
            _ = try await bus.command("ZADD", names.publishers, "1000", "behind-1")
            let behind = "/behind-1/test.ping/4"
            _ = try await bus.command("HSET", names.book(bus.plugin, .applied), source, "2", behind, "9")
            _ = try await bus.command("HSET", names.book(bus.plugin, .handled), source, "1", behind, "9")
            _ = try await bus.command("HSET", names.book(bus.plugin, .missed), source, "1")
            _ = try await bus.command("HSET", names.publisher("behind-1"), "test.ping/4", "10")
            try await bus.withReplica {
                try await bus.wait(seconds: 30, "it is retired") {
                    try await bus.command("ZSCORE", names.retired(bus.plugin), "old-1").stringOrNil() != nil
                }
                #expect(
                    try await bus.hash(names.totals(bus.plugin)) == ["applied": "2", "handled": "1", "missed": "1"])
                #expect(try await bus.hash(names.book(bus.plugin, .applied))[source] == nil)
                #expect(try await bus.command("ZSCORE", names.retired(bus.plugin), "behind-1").stringOrNil() == nil)
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
}
