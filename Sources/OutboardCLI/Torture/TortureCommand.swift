import ArgumentParser
import Foundation
import OutboardTesting
import Processes

/// `outboard torture`: a bus under faults, and a certificate of what came of it.
struct TortureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture",
        abstract: "Runs a bus of its own under faults and certifies that every event counted once.",
        discussion: """
            Starts a redis-server with an append-only file, publishers, and replicas of request-counter, each behind a \
            proxy of its own. Then, by a plan that follows from the seed: kill -9, SIGTERM, SIGSTOP beyond the lease, \
            connections cut, partitions, lost replies, Redis killed and paused, replicas scaled 1, 5, 2, clocks that \
            jump (where libfaketime is installed). In the end it waits until the books reach the records and holds \
            them against the publishers' own account.

            Exit codes: 0 everything holds, 1 something does not, 64 bad usage.
            """)

    @Option(help: "What decides the faults (default: by chance; the certificate names it)")
    var seed: UInt64?

    @Option(help: "How long events are published and faults injected.")
    var seconds = 60

    @Option(help: "Events a second.")
    var rate = 1_000

    @Option(help: "Replicas in the beginning and in the end, 1 to \(FaultPlan.mostReplicas).")
    var replicas = 3

    @Option(help: "Publishers, 1 to 16.")
    var publishers = 3

    @Option(help: "The folder of request-counter (default: that of this program)")
    var programsDir: String?

    @Flag(help: "Only one replica suffers at a time, and Redis never; nothing may be missed then.")
    var oneAtATime = false

    @Flag(help: "Writes the certificate as JSON, and what is done to standard error.")
    var json = false

    func validate() throws {
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) throws {
            guard range.contains(value) else {
                throw ValidationError(
                    "--\(name) \(value): needs a number from \(range.lowerBound) to \(range.upperBound)")
            }
        }
        try check("seconds", seconds, 3...86_400)
        try check("rate", rate, 1...100_000)
        try check("replicas", replicas, 1...FaultPlan.mostReplicas)
        try check("publishers", publishers, 1...16)
        // With one replica nobody else can hear what it does not.
        if oneAtATime { try check("replicas", replicas, 2...FaultPlan.mostReplicas) }
    }

    @concurrent func run() async throws {
        let program = folder.appending(path: "request-counter")
        guard ExecutableSearch.isExecutable(program.path) else {
            throw fail("not found in \(folder.path): request-counter; build with: make build", code: 64)
        }
        guard ThrowawayRedis.isAvailable else {
            throw fail(
                "redis-server is not in PATH; install it (Debian and Ubuntu: apt-get install redis-server)", code: 64)
        }
        let settings = Certificate.Settings(
            seed: seed ?? UInt64.random(in: 1...999_999), seconds: seconds, rate: rate, replicas: replicas,
            publishers: publishers, crowd: oneAtATime ? .one : .many)
        let certificate: Certificate?
        do {
            certificate = try await untilStopped(
                TortureRun(settings: settings, program: program, say: json ? Self.note : Self.say))
        } catch {
            throw fail("the run could not be finished: \(error)", code: 70)
        }
        guard let certificate else { throw fail("stopped before the end; nothing is certified", code: 1) }
        let text = json ? try certificate.json() : certificate.text
        FileHandle.standardOutput.write(Data(text.utf8))
        if !certificate.holds { throw ExitCode(1) }
    }

    /// - Returns: nil if a signal came first.
    private func untilStopped(_ run: TortureRun) async throws -> Certificate? {
        let stop = StopSignals()
        return try await withThrowingTaskGroup(of: Certificate?.self) { group in
            group.addTask { try await run.run() }
            group.addTask {
                await stop.first()
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    private var folder: URL {
        programsDir.map { URL(filePath: $0) }
            ?? (Bundle.main.executableURL ?? URL(filePath: CommandLine.arguments[0])).resolvingSymlinksInPath()
            .deletingLastPathComponent()
    }

    private static func say(_ text: String) { Console().say(text) }
    private static func note(_ text: String) { FileHandle.standardError.write(Data("outboard: \(text)\n".utf8)) }

    private func fail(_ text: String, code: Int32) -> ExitCode {
        Console().fail(text)
        return ExitCode(code)
    }
}
