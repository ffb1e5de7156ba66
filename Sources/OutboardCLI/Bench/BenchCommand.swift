import ArgumentParser
import Outboard
import OutboardRedis

/// `outboard bench`: what a Redis and this machine can do.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures a bus on your Redis in ten seconds: latency, rate, cost, what limits.",
        discussion: """
            One publisher and one replica in this process, in a namespace of their own, which is deleted at the end. It \
            loads that Redis fully for some seconds: do not run it beside production. 'make bench' compares with C.

            Examples:
              outboard bench
              outboard bench --redis-url redis://10.0.0.7:6379 --seconds 20 --json

            Exit codes: 0, 64 bad usage, 69 Redis cannot be asked or is too slow.
            """)

    @Option(help: "Seconds of full speed.")
    var seconds = 5

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    func validate() throws {
        guard (1...600).contains(seconds) else {
            throw ValidationError("--seconds \(seconds): needs a number from 1 to 600")
        }
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            var configuration = try bus.configuration()
            configuration.names = RedisNames(namespace: "bench-\(UInt32.random(in: .min ... .max))")
            configuration.name = "bench"
            let result = try await BenchRun(configuration: configuration, seconds: seconds).run()
            if json {
                Output.write(try JSONText.of(result))
            } else {
                Output.write(lines: result.lines)
            }
        }
    }
}
