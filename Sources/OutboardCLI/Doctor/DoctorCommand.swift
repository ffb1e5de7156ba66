import ArgumentParser
import Foundation
import OutboardRedis
import RedisClient

/// `outboard doctor`: what is wrong with this bus, and how to mend it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks Redis, publishers and plugins, and says how to mend what is wrong.",
        discussion: """
            It only reads: the server's version, memory, disk, buffers, clock and permissions; lanes, records and \
            heartbeats; each plugin's replicas, lanes and books. With OUTBOARD_LANES set it also compares that.

            Examples:
              outboard doctor
              outboard doctor --redis-url redis://ops:secret@redis:6379
              outboard doctor --json | jq -r '.findings[] | select(.verdict == "fail") | .mend'

            Exit codes: 0 nothing fails (there may be warnings), 1 something does, 64 bad usage, 69 Redis cannot be \
            asked.
            """)

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    private struct Answer: Encodable {
        let holds: Bool
        let findings: [Finding]
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            let isLanesSet = !(ProcessInfo.processInfo.environment["OUTBOARD_LANES"] ?? "").isEmpty
            let findings: [Finding]
            do {
                let examination = Examination(configuration, clientName: BusOptions.clientName)
                findings = try await BusOptions.withConnection(configuration) { redis in
                    try await examination.findings(on: redis, wantedLanes: isLanesSet ? configuration.lanes : nil)
                }
            } catch let error as RedisError {
                try write([Self.unreachable(error)])
                throw ExitCode(69)
            }
            try write(findings)
            if findings.contains(where: { $0.verdict == .fail }) { throw ExitCode(1) }
        }
    }

    private func write(_ findings: [Finding]) throws {
        let report = DoctorReport(
            findings, isColoured: Output.isColoured, width: Output.isTerminal ? Terminal.size().columns : .max)
        if json {
            Output.write(try JSONText.of(Answer(holds: !report.fails, findings: findings)))
        } else {
            Output.write(lines: report.lines)
        }
    }

    private static func unreachable(_ error: RedisError) -> Finding {
        .fail(
            "redis", "\(error)",
            mend: "check --redis-url or OUTBOARD_REDIS_URL, and whether that server runs: redis-cli -u URL ping")
    }
}
