import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("One replica and a fault", .timeLimit(.minutes(3)), .serialized)
struct FaultTests {
    @Test("counts nothing twice when the reply to a flush is lost")
    func lostReply() async throws {
        try await BusFixture.with { bus in
            let proxy = try TCPProxy(to: bus.redis.port)
            try await bus.withPublisher { publisher in
                try await bus.withReplica(url: "redis://127.0.0.1:\(proxy.port)") {
                    for round in 1...5 {
                        let before = proxy.lost
                        proxy.loseReply(toRequestContaining: "EVALSHA")
                        for _ in 0..<40 {
                            try publisher.accept(Ping(number: 1), key: "k\(round)", traceparent: nil, time: .now)
                        }
                        try await bus.wait("a reply was lost") { proxy.lost > before }
                        try await bus.wait("round \(round) is booked") { try await bus.sum(.applied) == 40 * round }
                    }
                }
            }
            proxy.stop()
            let list = bus.names.prefix(bus.plugin) + "histograms:number"
            #expect(try await bus.hash(list) == ["odd": "200"])
            #expect(try await bus.hash(list + ":odd") == ["1": "200", "count": "200", "sum": "200"])
            #expect(try await bus.expectBalancedBooks() == 200)
            #expect(try await bus.pings == bus.sum(.handled))
        }
    }

    @Test("balances its books when Redis is killed and restarted under load")
    func redisRestarts() async throws {
        try await BusFixture.with(appendOnly: true) { bus in
            try await bus.withReplica {
                try await bus.withPublisher { publisher in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask {
                            for number in 0..<300 {
                                for _ in 0..<10 {
                                    try publisher.accept(
                                        Ping(number: number), key: nil, traceparent: nil, time: .now)
                                }
                                // The pace of the load, not a wait for anything.
                                try await Task.sleep(for: .milliseconds(10))
                            }
                        }
                        for round in 1...2 {
                            try await bus.wait("round \(round) has counted") { try await bus.pings > 200 * round }
                            try await bus.redis.restart()
                        }
                        try await group.waitForAll()
                    }
                    try await bus.wait(seconds: 30, "all 3000 are booked") { try await bus.sum(.applied) == 3_000 }
                    #expect(publisher.statistics.dropped == 0)
                }
            }
            #expect(try await bus.expectBalancedBooks() == 3_000)
            #expect(try await bus.pings == bus.sum(.handled))
        }
    }

    @Test("counts nothing twice when the plugin is killed fifty times between flushes")
    func pluginKilled() async throws {
        try await BusFixture.with { bus in
            let plugin = try PluginName("request-counter")
            try await bus.withPublisher { publisher in
                for round in 1...50 {
                    let process = try ChildProcess(
                        Executables.product("request-counter"),
                        environment: ["OUTBOARD_REDIS_URL": bus.redis.url, "OUTBOARD_LANES": "\(bus.lanes)"])
                    try await process.waitForLine(containing: "ready", within: .seconds(20))
                    for number in 0..<20 {
                        try publisher.accept(
                            HTTPRequest(method: "GET", path: "/", status: 200, requestID: "\(number)"),
                            key: "k\(number % 4)", traceparent: nil, time: .now)
                    }
                    if round.isMultiple(of: 2) {
                        try await bus.wait("something of round \(round) is applied") {
                            let applied = try await bus.hash(bus.names.book(plugin, .applied))
                            return applied.values.contains { $0 != "0" }
                        }
                    }
                    process.kill()
                    try await process.waitForExit(within: .seconds(5))
                }
                let last = try ChildProcess(
                    Executables.product("request-counter"),
                    environment: ["OUTBOARD_REDIS_URL": bus.redis.url, "OUTBOARD_LANES": "\(bus.lanes)"])
                try await last.waitForLine(containing: "ready", within: .seconds(20))
                for number in 0..<20 {
                    try publisher.accept(
                        HTTPRequest(method: "GET", path: "/", status: 200, requestID: "\(number)"),
                        key: "k\(number % 4)", traceparent: nil, time: .now)
                }
                func sum(_ book: Book) async throws -> Int {
                    try await bus.hash(bus.names.book(plugin, book)).values.reduce(0) { $0 + (Int($1) ?? -1) }
                }
                try await bus.wait(seconds: 30, "all 1020 are booked") { try await sum(.applied) == 1_020 }
                last.terminate()
                try await last.waitForExit(within: .seconds(10))
                let handled = try await sum(.handled)
                #expect(handled >= 20)
                #expect(try await handled + sum(.missed) + sum(.baseline) == 1_020)
                #expect(try await bus.hash(bus.names.counters(plugin))["requests"] ?? "0" == "\(handled)")
                let status = try await bus.hash(bus.names.counterFamily(plugin, "status"))["200"]
                #expect(status ?? "0" == "\(handled)")
            }
        }
    }
}
