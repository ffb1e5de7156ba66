import OutboardRedis
import RedisClient

/// Ends, kills and cuts.
extension PluginCases {
    private static let busy = 0..<8

    private static func send(_ numbers: ClosedRange<Int>, of publisher: ScriptedPublisher) async throws {
        for lane in busy { try await publisher.send(numbers, lane: lane) }
    }

    static func killed(_ stage: PluginStage) async throws {
        let plugin = try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        // Killed before it can have written anything, and then between what it wrote and what it was about to write.
        try await send(1...20, of: publisher)
        try await stage.kill()
        try await stage.start()
        try await send(21...25, of: publisher)
        let before = try await stage.settled(total: 25 * busy.count)
        try await send(26...35, of: publisher)
        try await stage.eventually("events that count", within: PluginStage.Patience.count) {
            try await PluginAccount(of: plugin, on: stage.bus).requests > before.requests ? nil : before.text
        }
        try await send(36...45, of: publisher)
        try await stage.kill()
        // Nobody hears these.
        try await send(46...50, of: publisher)
        try await stage.start()
        try await send(51...55, of: publisher)
        let account = try await stage.settled(total: 55 * busy.count)
        let heard = Int64(10 * busy.count)
        guard account[.handled] >= heard, account[.missed] >= Int64(5 * busy.count) else {
            throw Discrepancy(
                expected: "at least \(heard) handled, those behind the restarts, and \(5 * busy.count) missed between",
                seen: account.text)
        }
    }

    static func two(_ stage: PluginStage) async throws {
        let plugin = try await stage.start()
        try stage.launch()
        try await stage.eventually("two live replicas", within: PluginStage.Patience.start) {
            let live = try await stage.liveReplicas(of: plugin)
            return live.count == 2 ? nil : "\(live.count)"
        }
        let publisher = try await ScriptedPublisher(on: stage.bus)
        let lanes = 0..<ConformanceBus.lanes
        for lane in lanes { try await publisher.send(1...5, lane: lane) }
        try await stage.expect(handled: 5 * lanes.count)
        try await stage.kill()
        for lane in lanes { try await publisher.send(6...8, lane: lane) }
        let account = try await stage.settled(total: 8 * lanes.count)
        try await publisher.send(9...9, lane: 0)
        try await stage.expect(
            handled: Int(account[.handled]) + 1, missed: Int(account[.missed]), within: PluginStage.Patience.count)
    }

    static func sigterm(_ stage: PluginStage) async throws {
        let plugin = try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        try await send(1...25, of: publisher)
        try stage.askToEnd()
        try await stage.bus.eventually("the end of its lease, at once", within: .milliseconds(1_500)) {
            let now = try await stage.bus.now()
            let left = try await stage.bus.send("ZCOUNT", stage.leases(of: plugin), "(\(now)", "+inf").int64()
            return left == 0 ? nil : "that it goes on"
        }
        let code = try await stage.ended()
        guard code == 0 else { throw Discrepancy(expected: "exit code 0 after SIGTERM", seen: "\(code)") }
        let account = try await PluginAccount(of: plugin, on: stage.bus)
        guard account[.handled] == Int64(25 * busy.count), account.isConsistent else {
            throw Discrepancy(expected: "handled \(25 * busy.count), all that it heard", seen: account.text)
        }
        try await stage.start()
        try await send(26...26, of: publisher)
        try await stage.expect(handled: 26 * busy.count)
    }

    static func reconnect(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        try await send(1...5, of: publisher)
        try await stage.expect(handled: 5 * busy.count)
        for kind in ["pubsub", "normal"] {
            _ = try await stage.bus.send("CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")
        }
        try await send(6...7, of: publisher)
        try await stage.hears()
        try await send(8...9, of: publisher)
        let account = try await stage.settled(total: 9 * busy.count)
        guard account[.handled] >= Int64(7 * busy.count) else {
            throw Discrepancy(expected: "that what came behind the cut counts", seen: account.text)
        }
    }
}
