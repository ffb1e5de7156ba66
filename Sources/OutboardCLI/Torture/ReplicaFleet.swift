import Foundation
import Outboard
import OutboardTesting
import Processes
import Synchronization

/// The replicas under torture: real processes of a service, each behind a proxy of its own.
///
/// Whoever ends without having been told to, or does not end when asked, is noted as a problem.
actor ReplicaFleet {
    private struct Slot {
        let proxy: TCPProxy
        let clock: FakeClock?
        var process: LeashedProcess?
        /// Asked to end, and not gone yet.
        var leaving: [LeashedProcess] = []
    }

    private enum Patience {
        static let ready = Duration.seconds(60)
        /// The protocol says 8 s; a loaded machine may take longer.
        static let end = Duration.seconds(15)
    }

    private let program: String
    private let service: String
    private var slots: [Slot]
    private var wanted = 0
    /// What no replica may do.
    private(set) var problems: [String] = []

    /// - Parameters:
    ///   - program: The service's executable.
    ///   - redisPort: Of the Redis behind the proxies.
    init(program: URL, redisPort: Int, folder: URL) throws {
        self.program = program.path
        self.service = program.lastPathComponent
        let clockLibrary = FakeClock.library
        slots = try (0..<FaultPlan.mostReplicas).map { index in
            Slot(
                proxy: try TCPProxy(to: redisPort),
                clock: try clockLibrary.map {
                    try FakeClock(library: $0, file: folder.appending(path: "clock-\(index + 1)"))
                })
        }
    }

    /// Starts so many and waits until they are ready.
    func start(_ count: Int) async throws {
        wanted = count
        let ready = ReadyBoard(waitingFor: (0..<count).map(String.init))
        for index in 0..<count { try launch(index, ready: ready) }
        guard await ready.isComplete(within: Patience.ready) else {
            throw UpFailure(.bug, "\(service) is not ready after \(Patience.ready.components.seconds) s")
        }
    }

    // MARK: Faults

    func kill(_ index: Int) {
        slots[index].process?.endNow()
        slots[index].process = nil
    }

    func terminate(_ index: Int) {
        guard let process = slots[index].process else { return }
        process.send(SIGTERM)
        slots[index].leaving.append(process)
        slots[index].process = nil
    }

    /// Starts a replica that is wanted and not there.
    func launch(_ index: Int) throws {
        guard index < wanted, slots[index].process == nil else { return }
        try launch(index, ready: nil)
    }

    func freeze(_ index: Int) { slots[index].process?.send(SIGSTOP) }

    /// Lets a replica go on, also one that was asked to end while it was stopped.
    func thaw(_ index: Int) {
        for process in slots[index].leaving + [slots[index].process].compactMap(\.self) { process.send(SIGCONT) }
    }

    func scale(to count: Int) throws {
        wanted = count
        for index in slots.indices {
            if index < count { try launch(index) } else { terminate(index) }
        }
    }

    /// False where there is no library that can do it.
    func jumpClock(_ index: Int, seconds: Int) throws -> Bool {
        guard let clock = slots[index].clock else { return false }
        try clock.jump(seconds: seconds)
        return true
    }

    func proxy(_ index: Int) -> TCPProxy { slots[index].proxy }

    /// Whether there is a process to do something to.
    func isRunning(_ index: Int) -> Bool { slots[index].process != nil }

    // MARK: Watching

    /// Notes and replaces replicas that ended by themselves.
    func sweep() throws {
        for index in slots.indices {
            slots[index].leaving.removeAll { process in
                guard let exit = process.exitIfEnded else { return false }
                if exit != .code(0) { problems.append("replica \(index + 1) ended on SIGTERM with \(exit)") }
                return true
            }
            guard let exit = slots[index].process?.exitIfEnded else { continue }
            problems.append("replica \(index + 1) ended by itself with \(exit)")
            slots[index].process = nil
            try launch(index)
        }
    }

    /// Ends all faults: everybody goes on, is connected, and so many run.
    func calm(_ count: Int) throws {
        for index in slots.indices {
            thaw(index)
            slots[index].proxy.heal()
        }
        try scale(to: count)
    }

    /// Asks all to end, and notes who does not.
    func end() async throws {
        try scale(to: 0)
        for index in slots.indices {
            for process in slots[index].leaving {
                guard await process.exit(within: Patience.end) == nil else { continue }
                problems.append(
                    "replica \(index + 1) has not ended \(Patience.end.components.seconds) s after SIGTERM")
                process.endNow()
            }
        }
        try sweep()
        for slot in slots { slot.proxy.stop() }
    }

    /// Ends everything at once.
    func abandon() {
        for slot in slots {
            for process in slot.leaving + [slot.process].compactMap(\.self) { process.endNow() }
            slot.proxy.stop()
        }
    }

    private func launch(_ index: Int, ready: ReadyBoard?) throws {
        var environment = [
            "OUTBOARD_REDIS_URL": slots[index].proxy.url, "OUTBOARD_NAMESPACE": "outboard",
            "OUTBOARD_LANES": "\(LaneRule.defaultCount)", "OUTBOARD_CONFIG_FILE": "", "OUTBOARD_LOG_LEVEL": "info",
        ]
        if let clock = slots[index].clock { environment.merge(clock.environment) { $1 } }
        slots[index].process = try LeashedProcess(Command(program, [], environment: environment)) { line in
            if ChildLine(line).saysReady { ready?.markReady("\(index)") }
        }
    }
}
