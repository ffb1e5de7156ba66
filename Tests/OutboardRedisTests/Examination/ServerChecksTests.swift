import Testing

@testable import OutboardRedis

@Suite("Checks of a server")
struct ServerChecksTests {
    private func facts(_ change: (inout ServerFacts) -> Void) -> ServerFacts {
        var facts = ServerFacts()
        facts.place = "redis:6379"
        facts.info = [
            "redis_version": "7.2.4", "role": "master", "maxmemory": "0", "maxmemory_policy": "noeviction",
            "used_memory": "1048576", "aof_enabled": "1", "evicted_keys": "0",
        ]
        facts.outputBufferLimit = "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"
        change(&facts)
        return facts
    }

    private func problems(_ change: (inout ServerFacts) -> Void) -> [Finding] {
        ServerChecks(facts(change)).findings.filter { $0.verdict != .ok }
    }

    @Test("find nothing at a server as it should be")
    func healthy() {
        #expect(problems { _ in }.isEmpty)
        #expect(
            ServerChecks(facts { _ in }).findings.map(\.topic) == [
                "redis", "memory", "disk", "buffers", "clock", "hiredis",
            ])
    }

    @Test(
        "know old versions",
        arguments: [("6.0.16", true), ("5.0.7", true), ("6.2.0", false), ("7.0.15", false), ("10.1", false)])
    func versions(version: String, isOld: Bool) {
        #expect(problems { $0.info?["redis_version"] = version }.map(\.verdict) == (isOld ? [.fail] : []))
    }

    @Test("judge clocks by how far they are apart, in both directions")
    func clocks() {
        #expect(problems { $0.clockAhead = -999 }.isEmpty)
        #expect(problems { $0.clockAhead = 2_500 }.map(\.found) == ["Redis's clock is 2.5 s ahead of this machine's"])
        #expect(problems { $0.clockAhead = -7_200_000 }.map(\.verdict) == [.fail])
    }

    @Test("find a server that takes no writes, is full, has evicted, or whose disk is")
    func servers() {
        #expect(problems { $0.info?["role"] = "slave" }.first?.mend?.contains("master") == true)
        #expect(problems { $0.info?["evicted_keys"] = "3" }.map(\.verdict) == [.fail])
        #expect(problems { $0.info?["maxmemory"] = "1100000" }.map(\.verdict) == [.warn])
        #expect(problems { $0.info?["aof_last_write_status"] = "err" }.map(\.verdict) == [.fail])
        #expect(problems { $0.outputBufferLimit = "pubsub 0 0 0" }.map(\.topic) == ["buffers"])
    }

    @Test("explain what Redis denied, and forget it after an hour")
    func denials() {
        func denied(_ reason: String, _ object: String, ago: Int64 = 5) -> [Finding] {
            problems { $0.denials = [.init(user: "u", reason: reason, object: object, times: 2, secondsAgo: ago)] }
        }
        #expect(
            denied("command", "flushall") == [
                .fail(
                    "acl", "user 'u' may not use FLUSHALL (NOPERM); 2 times, last 5.0 s ago",
                    mend: "if it is meant to: ACL SETUSER u +flushall")
            ])
        #expect(denied("channel", "a:b").first?.mend == "if it is meant to: ACL SETUSER u &a:b")
        #expect(denied("auth", "auth").first?.found.contains("did not get in") == true)
        #expect(denied("key", "k", ago: 400).map(\.verdict) == [.warn])
        #expect(denied("key", "k", ago: 4_000).isEmpty)
    }

    @Test("say what our own user may not ask")
    func refusals() {
        let found = problems {
            $0.user = "ops"
            $0.info = nil
            $0.refusals = [.init(question: "CONFIG GET", reason: "NOPERM", isPermission: true)]
        }
        #expect(found.map(\.mend) == ["ACL SETUSER ops +config|get, or run doctor as another user"])
    }
}
