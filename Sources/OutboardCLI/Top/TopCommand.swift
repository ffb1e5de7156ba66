import ArgumentParser
import NIOCore
import OutboardRedis
import RedisClient

/// `outboard top`: all plugins and replicas, each second.
struct TopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Shows rates, lag, lanes and losses of all plugins and replicas, each second.",
        discussion: """
            Full screen on a terminal, with more columns from 120 on; q or Ctrl-C quits. In a pipe one table each \
            second. A replica's figures come from its hash, which it writes each second; a plugin's from its books.

            Examples:
              outboard top
              outboard top --once                # one table, rates of one second
              outboard top --json | jq '.plugins[].plugin.lag_ms'

            Exit codes: 0 stopped on request or by a closed pipe, 64 bad usage, 69 Redis cannot be asked.
            """)

    @Flag(help: "Looks for one second, writes one table and ends.")
    var once = false

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON, one object a line.")
    var json = false

    private static let pace = Duration.seconds(1)

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let configuration = try bus.configuration()
            if once {
                let (before, now) = try await BusOptions.withConnection(configuration) { redis in
                    let before = try await BusSnapshot.read(configuration, on: redis)
                    try await Task.sleep(for: Self.pace)
                    return (before, try await BusSnapshot.read(configuration, on: redis))
                }
                _ = write(now, before: before)
            } else {
                // Whoever cannot be asked at first is told so in the usual way, not on a screen that is gone then.
                try await BusOptions.connect(configuration).close().get()
                if Output.isTerminal, !json {
                    await TopPainter(configuration: configuration, pace: Self.pace).run()
                } else {
                    await stream(configuration)
                }
            }
        }
    }

    private func stream(_ configuration: BusConfiguration) async {
        let stop = StopSignals()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await stop.first() }
            group.addTask {
                var before: BusSnapshot?
                for await look in TopLooks.every(Self.pace, configuration) {
                    switch look {
                    case .seen(let now):
                        guard write(now, before: before) else { return }
                        before = now
                    case .failed(let problem): Console().note(Printable.line(problem))
                    }
                }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// - Returns: Whether somebody still reads.
    private func write(_ now: BusSnapshot, before: BusSnapshot?) -> Bool {
        guard json else { return Output.write(lines: TopScreen(now, before: before).plainLines + [""]) }
        // Texts and whole numbers always have a form in JSON.
        guard let text = try? JSONText.of(now, lines: .one) else { return true }
        return Output.write(text)
    }
}
