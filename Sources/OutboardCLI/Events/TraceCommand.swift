import ArgumentParser
import Outboard
import OutboardRedis

/// `outboard trace`: what becomes of one request.
struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Follows the event of one request until every plugin has dealt with it.",
        discussion: """
            It waits for the http.request event with this request_id and then asks each plugin that hears requests \
            how far it is: an event is dealt with (handled, failed or missed) once the plugin's fence has reached its \
            number. Beneath each plugin stands what it writes, as its manifest declares. Pub/sub keeps nothing, so start it before the request.

            Example:
              outboard trace my-request-1 & curl -H 'x-request-id: my-request-1' localhost:8080/hello; wait

            Exit codes: 0 every plugin has dealt with it, 1 it was not heard or some plugin waits, 64 bad usage, 69 \
            Redis not reachable.
            """)

    @Argument(help: "The request's id, as in data.request_id of the event.")
    var requestID: String

    @Option(help: "Ends after so many seconds in any case.")
    var seconds = 30

    @OptionGroup var bus: BusOptions

    @Flag(help: "Writes JSON.")
    var json = false

    func validate() throws {
        guard (1...86_400).contains(seconds) else {
            throw ValidationError("--seconds \(seconds): needs a number from 1 to 86400")
        }
    }

    @concurrent func run() async throws {
        try await CommandFailure.explained {
            let tracer = RequestTracer(try bus.configuration(), clientName: BusOptions.clientName)
            let deadline = ContinuousClock.now + .seconds(seconds)
            let (heard, leftOut) = try await heard(tracer, until: deadline)
            guard let event = heard else {
                throw CommandFailure.exit(
                    "no \(HTTPRequest.eventType) event with request_id '\(requestID)' came within \(seconds) s; "
                        + "trace sees only what is published while it runs"
                        + (leftOut == 0 ? "" : "; \(leftOut) messages came too fast and were not looked at"),
                    code: 1)
            }
            if !json {
                Output.write(lines: TraceReport(RequestTrace(event, plugins: [])).head)
            }
            let trace = try await tracer.trace(of: event, until: deadline)
            if json {
                Output.write(try JSONText.of(trace))
            } else {
                let width = Output.isTerminal ? Terminal.size().columns : .max
                Output.write(lines: TraceReport(trace, width: width).stepLines)
            }
            if !trace.isDone { throw ExitCode(1) }
        }
    }

    /// The event, or nil if it did not come in time or a signal came before; and how many messages were left out.
    private func heard(
        _ tracer: RequestTracer, until deadline: ContinuousClock.Instant
    ) async throws -> (HeardEvent?, Int) {
        let stop = StopSignals()
        return try await withThrowingTaskGroup(of: (HeardEvent?, Int).self) { group in
            group.addTask {
                await stop.first()
                return (nil, 0)
            }
            group.addTask {
                try await tracer.event(ofRequest: requestID, until: deadline) { Console().note(Printable.line($0)) }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? (nil, 0)
        }
    }
}
