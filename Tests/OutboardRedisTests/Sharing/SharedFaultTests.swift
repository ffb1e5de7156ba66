import Foundation
import Outboard
import OutboardTesting
import RedisClient
import Testing

@testable import OutboardRedis

@Suite("Several replicas and a fault", .timeLimit(.minutes(5)), .serialized)
struct SharedFaultTests {
    @Test("miss nothing when one subscription is cut at a time")
    func oneCut() async throws {
        try await Fleet.with { fleet in
            let replicas = try await fleet.start(3)
            let published = try await fleet.publishing(perSecond: 3_000) {
                for _ in 0..<10 {
                    let first = try await fleet.subscriptions().first
                    let id = try #require(first)
                    _ = try await fleet.bus.command("CLIENT", "KILL", "ID", id)
                    // The next one is cut when everybody is back.
                    try await fleet.bus.wait(seconds: 5, "all three subscribe, and two hear each lane") {
                        let ids = try await fleet.subscriptions()
                        let hearers = try await fleet.hearers()
                        return ids.count == 3 && !ids.contains(id) && hearers.allSatisfy { $0 >= 2 }
                    }
                }
            }
            #expect(try await fleet.settle(published) == 0, "of \(published)")
            try await fleet.stop(replicas)
        }
    }

    @Test("book to the event what is lost when all subscriptions are cut at once")
    func allCut() async throws {
        try await Fleet.with { fleet in
            let replicas = try await fleet.start(3)
            let published = try await fleet.publishing(perSecond: 5_000) {
                for _ in 0..<5 {
                    _ = try await fleet.bus.command("CLIENT", "KILL", "TYPE", "pubsub")
                    try await elapse(.seconds(1))
                }
            }
            // `settle` has compared handled and missed with what was published.
            #expect(try await fleet.settle(published) > 0, "a cut of all hearers loses something at this rate")
            try await fleet.stop(replicas)
        }
    }

    @Test("count nothing twice when a replica stands still for longer than its lease")
    func stopped() async throws {
        try await Fleet.with { fleet in
            let replicas = try await fleet.start(3)
            let published = try await fleet.publishing(perSecond: 3_000) {
                Foundation.kill(replicas[0].pid, SIGSTOP)
                try await elapse(.seconds(6))
                Foundation.kill(replicas[0].pid, SIGCONT)
                try await elapse(.seconds(2))
            }
            #expect(try await fleet.settle(published) == 0, "of \(published)")
            try await fleet.stop(replicas)
        }
    }

    @Test("balance their books when all were dead for a while under load")
    func allDead() async throws {
        try await Fleet.with { fleet in
            let replicas = Replicas(try await fleet.start(3))
            let published = try await fleet.publishing(perSecond: 3_000) {
                try await elapse(.seconds(1))
                for replica in replicas.all { replica.kill() }
                try await elapse(.seconds(10))
                _ = replicas.removeFirst(3)
                replicas.add(try await fleet.start(3))
                try await elapse(.seconds(1))
            }
            #expect(try await fleet.settle(published) > 20_000, "what came meanwhile is missed")
            try await fleet.stop(replicas.all)
        }
    }

    @Test("balance their books when Redis is killed and restarted with its file")
    func redisRestarted() async throws {
        try await Fleet.with(appendOnly: true) { fleet in
            let replicas = try await fleet.start(3)
            let published = try await fleet.publishing(perSecond: 2_000) {
                for _ in 0..<3 {
                    try await elapse(.seconds(1))
                    fleet.bus.redis.kill()
                    try await fleet.bus.redis.restart()
                }
                try await elapse(.seconds(1))
            }
            try await fleet.settle(published, seconds: 40)
            try await fleet.stop(replicas)
        }
    }

    @Test("count on when Redis has lost everything")
    func redisEmptied() async throws {
        try await Fleet.with { fleet in
            let replicas = try await fleet.start(2)
            try await fleet.withPublisher { publisher in
                for number in 0..<1_000 { try fleet.publish(on: publisher, number: number) }
                try await fleet.settle(1_000)
                for flush in [false, true] {
                    if flush {
                        _ = try await fleet.bus.command("FLUSHALL")
                    } else {
                        fleet.bus.redis.kill()
                        try await fleet.bus.redis.restart()
                    }
                    for number in 0..<1_000 { try fleet.publish(on: publisher, number: number) }
                    let plugin = fleet.plugin
                    try await fleet.bus.wait(seconds: 20, "counters grow again") {
                        let counters = try await fleet.bus.hash(fleet.bus.names.counters(plugin))
                        return Int(counters["requests"] ?? "") ?? 0 > 0 && publisher.statistics.buffered == 0
                    }
                }
            }
            try await fleet.bus.wait(seconds: 20, "counters are what the books say") {
                let handled = try await fleet.sum(.handled)
                let counters = try await fleet.bus.hash(fleet.bus.names.counters(fleet.plugin))
                return counters["requests"] == "\(handled)"
            }
            try await fleet.stop(replicas)
        }
    }

    @Test("a hole in one source holds up no other")
    func holeElsewhere() async throws {
        try await Fleet.with { fleet in
            let replicas = try await fleet.start(2)
            try await fleet.withPublisher { publisher in
                // A stranger's source that begins with a hole: number 1 never comes.
                let names = fleet.bus.names
                _ = try await fleet.bus.command(
                    "HSET", names.publisher("stranger-1"), "started", "9999999999999", "http.request/3", "0")
                _ = try await fleet.bus.command("ZADD", names.publishers, "9999999999999", "stranger-1")
                let event =
                    #"{"specversion":"1.0","source":"/stranger-1/http.request/3","id":"2","type":"http.request","#
                    + #""time":"\#(Timestamp.now)","data":{"method":"GET","path":"/","status":200,"#
                    + #""request_id":"x"}}"#
                _ = try await fleet.bus.command("PUBLISH", names.events(type: "http.request", lane: 3), event)
                let began = ContinuousClock.now
                for number in 0..<1_000 { try fleet.publish(on: publisher, number: number) }
                try await fleet.bus.wait(seconds: 10, "1 000 events of other sources are counted") {
                    try await fleet.bus.hash(names.counters(fleet.plugin))["requests"] == "1000"
                }
                #expect(ContinuousClock.now - began < .milliseconds(2_500), "before the hole is declared")
                try await fleet.bus.wait(seconds: 10, "the hole is booked, and what came behind it is handled") {
                    let missed = try await fleet.bus.hash(names.book(fleet.plugin, .missed))
                    let handled = try await fleet.bus.hash(names.book(fleet.plugin, .handled))
                    let source = "/stranger-1/http.request/3"
                    return missed[source] == "1" && handled[source] == "1"
                }
            }
            try await fleet.stop(replicas)
        }
    }
}
