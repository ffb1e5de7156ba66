import NIOCore
import Outboard
import RedisClient
import Testing

@testable import OutboardRedis

extension Replica {
    fileprivate var sourceCount: Int { hot.intake.sources.count }
}

@Suite("Publishers that come and go", .timeLimit(.minutes(1)))
struct ManyPublishersTests {
    @Test("only lanes on which something was published take a place, and the first event of another counts")
    func places() async throws {
        try await BusFixture.with { bus in
            let replica = try await bus.replica()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await replica.run() }
                try await bus.wait("the plugin's time has begun") {
                    try await bus.command("EXISTS", bus.names.since(bus.plugin)).int64() == 1
                }
                // They come later than the plugin, record all of their lanes, and have published on lane 3 alone.
                let now = try RedisClock.milliseconds(try await bus.command("TIME"))
                for number in 1...50 {
                    var words = ["HSET", bus.names.publisher("p-\(number)"), "started", "\(now + 1)"]
                    for lane in 0..<bus.lanes {
                        words += [RedisNames.recorded(type: Ping.eventType, lane: lane), lane == 3 ? "2" : "0"]
                    }
                    _ = try await bus.command(words)
                    _ = try await bus.command("ZADD", bus.names.publishers, "\(now)", "p-\(number)")
                }
                // Nobody heard these, so they are booked as missed in the end.
                try await bus.wait(seconds: 20, "all records are known") {
                    try await bus.sum(.missed) == 100
                }
                #expect(await replica.sourceCount == 50)

                let event =
                    #"{"specversion":"1.0","source":"/p-7/test.ping/5","id":"1","type":"test.ping","#
                    + #""time":"\#(Timestamp.now)","data":{"number":1}}"#
                _ = try await bus.command("PUBLISH", bus.names.events(type: Ping.eventType, lane: 5), event)
                try await bus.wait("it counts") { try await bus.pings == 1 }
                #expect(await replica.sourceCount == 51)
                #expect(try await bus.hash(bus.names.book(bus.plugin, .applied))["/p-7/test.ping/5"] == "1")
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}
