import Foundation
import Outboard
import OutboardRedis
import OutboardTesting
import RedisClient
import Synchronization

/// A plugin under test on a bus of its own; what the cases of `PluginCases` act on.
final class PluginStage: Sendable {
    enum Patience {
        /// An interpreter may start slowly, and a busy machine more so.
        static let start = Duration.seconds(20)
        static let count = Duration.seconds(10)
        /// A hole waits 3 s, a replica that was away begins again, a dead one's lease is remembered for 10 s.
        static let loss = Duration.seconds(25)
        static let end = Duration.seconds(8)
    }

    let bus: ConformanceBus
    private let program: ConformanceProgram
    private let processes = Mutex<[ChildProcess]>([])

    init(_ program: ConformanceProgram, on bus: ConformanceBus) {
        self.program = program
        self.bus = bus
    }

    // MARK: The program

    /// Starts it, or one more of it, without waiting for anything.
    func launch() throws {
        let started = try program.start(on: bus)
        processes.withLock { $0.append(started) }
    }

    /// Starts it and waits until it hears.
    @discardableResult
    func start() async throws -> PluginName {
        try launch()
        try await hears()
        return try await plugin()
    }

    /// The last lines that it wrote.
    var output: [String] { processes.withLock { $0.flatMap { $0.lines.suffix(5) } } }

    /// Ends the one that was started last at once (SIGKILL) and waits until it has gone.
    func kill() async throws {
        let running = try running
        running.kill()
        try await running.waitForExit()
        processes.withLock { $0.removeAll { $0 === running } }
    }

    /// Asks it to end (SIGTERM).
    func askToEnd() throws { try running.terminate() }

    /// Waits for its end.
    ///
    /// - Returns: Its exit code.
    func ended() async throws -> Int32 {
        let running = try running
        do {
            defer { processes.withLock { $0.removeAll { $0 === running } } }
            return try await running.waitForExit(within: Patience.end)
        } catch is TestingError {
            throw Discrepancy(
                expected: "the end within \(Patience.end.components.seconds) s of SIGTERM", seen: "that it still runs")
        }
    }

    private var running: ChildProcess {
        get throws {
            guard let running = processes.withLock({ $0.last }) else {
                throw Discrepancy(expected: "a program that was started", seen: "none")
            }
            return running
        }
    }

    // MARK: What it shows

    /// As `ConformanceBus.eventually`, but a program that has ended is not waited for.
    func eventually(
        _ expected: String, within patience: Duration, _ look: () async throws -> String?
    ) async throws {
        let running = try running
        try await bus.eventually(expected, within: patience) {
            let seen = try await look()
            if let seen, let code = running.exitCode {
                throw Discrepancy(expected: expected, seen: "that the program ended with code \(code) (\(seen))")
            }
            return seen
        }
    }

    /// The one plugin that has registered.
    func plugin() async throws -> PluginName {
        let members = try await bus.send("SMEMBERS", bus.names.plugins).array().map { try $0.string() }
        guard members.count == 1, let name = try? PluginName(members[0]) else {
            throw Discrepancy(
                expected: "one name [a-z][a-z0-9-]{0,47} in the set \(bus.names.plugins)",
                seen: members.isEmpty ? "none" : members.joined(separator: ", "))
        }
        return name
    }

    /// Waits until it has registered, and a replica lives and every lane is heard.
    func hears() async throws {
        let channels = (0..<ConformanceBus.lanes).map { bus.names.events(type: ScriptedPublisher.type, lane: $0) }
        try await eventually("a live replica that hears all \(channels.count) lanes", within: Patience.start) {
            let plugin: PluginName
            do { plugin = try await self.plugin() } catch let found as Discrepancy {
                return "\(found.seen) in the set \(self.bus.names.plugins)"
            }
            let heard = try await self.bus.subscribers(of: channels).count { $0 > 0 }
            guard heard == channels.count else { return "subscriptions to \(heard) lanes" }
            return try await self.liveReplicas(of: plugin).isEmpty
                ? "no lease with a subscriber on its probe channel in \(self.leases(of: plugin))" : nil
        }
    }

    func leases(of plugin: PluginName) -> String { bus.names.replicas(plugin, type: ScriptedPublisher.type) }

    /// Replicas whose lease has not ended and whose probe channel somebody hears, and the ends of their leases.
    func liveReplicas(of plugin: PluginName) async throws -> [(id: String, end: Int64)] {
        let now = try await bus.now()
        let leases = try await bus.send("ZRANGEBYSCORE", leases(of: plugin), "(\(now)", "+inf", "WITHSCORES")
        var live: [(id: String, end: Int64)] = []
        for (id, end) in try leases.stringPairs() {
            guard try await bus.subscribers(of: [bus.names.probe(plugin, id)]).first ?? 0 > 0 else { continue }
            live.append((id, Int64(end) ?? 0))
        }
        return live
    }

    // MARK: What it has counted

    /// Waits until the books say exactly this, and the counters agree with them.
    func expect(
        handled: Int, failed: Int = 0, missed: Int = 0, baseline: Int = 0, within patience: Duration = Patience.count
    ) async throws {
        let wanted: [Book: Int64] = [
            .applied: Int64(handled + failed + missed + baseline), .handled: Int64(handled), .failed: Int64(failed),
            .missed: Int64(missed), .baseline: Int64(baseline),
        ].filter { $0.value != 0 }
        let text = Book.allCases.filter { wanted[$0] != nil }.map { "\($0.rawValue) \(wanted[$0] ?? 0)" }
        let expected = (text + ["counters requests \(handled)", "counters:status \(handled) in sum"])
            .joined(separator: ", ")
        let plugin = try await plugin()
        try await eventually(expected, within: patience) {
            let account = try await PluginAccount(of: plugin, on: self.bus)
            if account.books == wanted, account.inFlight == 0, account.isConsistent { return nil }
            // Numbers only grow: what is too large now stays so. And the books, read in one moment, always balance.
            if account.requests > Int64(handled) || account[.handled] > Int64(handled) || !account.problems.isEmpty {
                throw Discrepancy(expected: expected, seen: try await self.rest(of: plugin, from: account).text)
            }
            return account.text
        }
    }

    /// What a moving account comes to: the first that is the same twice, ten flushes later at most.
    private func rest(of plugin: PluginName, from account: PluginAccount) async throws -> PluginAccount {
        var (last, looks) = (account, 0)
        while looks < 10 {
            try await Task.sleep(for: .milliseconds(50))
            let next = try await PluginAccount(of: plugin, on: bus)
            if next == last { break }
            (last, looks) = (next, looks + 1)
        }
        return last
    }

    /// Waits until the books have reached the records, and returns them; what counted is what is booked as handled.
    func settled(total: Int) async throws -> PluginAccount {
        let plugin = try await plugin()
        let expected = "applied \(total) = handled + missed, and counters that say what is handled"
        try await eventually(expected, within: Patience.loss) {
            let account = try await PluginAccount(of: plugin, on: self.bus)
            return account[.applied] == Int64(total) && account.inFlight == 0 && account.isConsistent
                && account[.handled] + account[.missed] == Int64(total) ? nil : account.text
        }
        return try await PluginAccount(of: plugin, on: bus)
    }
}
