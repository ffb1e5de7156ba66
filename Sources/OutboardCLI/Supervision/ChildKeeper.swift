import Foundation
import Processes

/// Keeps one program running until its task is cancelled.
struct ChildKeeper {
    /// How long a program may take to end after SIGTERM.
    static let patience = Duration.seconds(8)

    let child: Child
    /// Its place among its siblings; chooses its colour.
    let place: Int
    let console: Console
    var ready: ReadyBoard?
    /// Told that a child has crashed, and what will be done; nil where nobody wants to know.
    var onCrash: (@Sendable (Child, String) async -> Void)?

    /// Keeps it running until the task is cancelled or a signal comes that is meant for it alone.
    ///
    /// - Throws: As `run()`.
    func run(until stop: ReadyBoard) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            group.addTask { await stop.complete() }
            try await group.next()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// - Throws: `UpFailure` if it cannot be started or refuses its settings: starting it again would not help.
    func run() async throws {
        var rule = RestartRule()
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let process = try start()
            guard let exit = await process.exit() else { return await end(process) }
            guard exit != .code(UpFailure.Kind.usage.rawValue) else {
                throw UpFailure(.usage, "\(child.label) refused its settings (exit code 64); see its lines above")
            }
            let restart = rule.restart(afterRunning: ContinuousClock.now - began, chance: .random(in: 0...1))
            let notice = Self.notice(of: exit, child: child.label, restart)
            console.say(notice)
            async let told: Void? = onCrash?(child, notice)
            try? await Task.sleep(for: restart.delay)  // cancelled: the loop ends
            _ = await told
        }
    }

    static func notice(of exit: ProcessExit, child: String, _ restart: RestartRule.Restart) -> String {
        let tenths = Int((restart.delay / .milliseconds(100)).rounded())
        let again = restart.isLoop ? "it keeps ending; starting again" : "starting again"
        return "\(child) ended with \(exit); \(again) in \(tenths / 10).\(tenths % 10) s"
    }

    private func start() throws -> LeashedProcess {
        do {
            return try LeashedProcess(child.command) { text in
                let line = ChildLine(text)
                console.write(line.text, from: child.label, place: place)
                if line.saysReady { ready?.markReady(child.label) }
            }
        } catch let error as SpawnError {
            throw UpFailure(.bug, "\(child.label): \(error)")
        }
    }

    /// Ends it: asks, waits, insists.
    private func end(_ process: LeashedProcess) async {
        process.send(SIGTERM)
        // A task of its own: this one is cancelled, and would not wait.
        let ended = await Task { await process.exit(within: Self.patience) }.value
        guard ended == nil else { return }
        console.say("\(child.label) has not ended within \(Self.patience.components.seconds) s; killing it")
        process.send(SIGKILL)
        _ = await Task { await process.exit(within: Self.patience) }.value
    }
}
