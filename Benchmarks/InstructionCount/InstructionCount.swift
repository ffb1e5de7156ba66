import Outboard
import OutboardRedis

/// The steps of the hot path on fixed inputs, so many times as the second argument says: run it under a tool that counts
/// instructions, with two numbers of times, and the difference is what the step costs.
///
///     InstructionCount encode|scan|intake|apply TIMES
@main
enum InstructionCount {
    private static let publisher = "bench-0123456789abcdef"
    private static let lanes = 256
    /// Events on a lane before the next has its turn, and between two flushes: what 50 000 events a second are.
    private static let (run, flush) = (500, 2_500)

    static func main() throws {
        guard CommandLine.arguments.count == 3, let times = Int(CommandLine.arguments[2]), times > 0 else { usage() }
        switch CommandLine.arguments[1] {
        case "encode": try encode(times)
        case "scan": try scan(times)
        case "intake": try intake(times)
        case "apply": try apply(times)
        default: usage()
        }
    }

    private static func usage() -> Never {
        fatalError("usage: InstructionCount encode|scan|intake|apply TIMES")
    }

    /// Requests become events.
    private static func encode(_ times: Int) throws {
        let template = try EventTemplate(publisher: publisher, type: HTTPRequest.eventType, lane: 0)
        var writer = EventWriter()
        for id in 1...UInt64(times) {
            try writer.write(SampleRequest.request, template: template, id: id, time: SampleRequest.time)
        }
    }

    /// Events are found in a message, and nothing is done with them.
    private static func scan(_ times: Int) throws {
        let message = try SampleRequest.event(publisher, lane: 0, id: 1_000_000)
        var found = 0
        message.withUnsafeBytes { bytes in
            for _ in 0..<times { EventScanner.scan(bytes) { found += $0.malformed == nil ? 1 : 0 } }
        }
        precondition(found == times, "the sample is an event")
    }

    /// Messages become effects, which are merged, and handed to Redis every 2 500 events.
    private static func intake(_ times: Int) throws {
        var drill = IntakeDrill(plugin: RequestCounting(), publisher: publisher, lanes: lanes)
        var handled: UInt64 = 0
        var messages = try (0..<lanes).map { try SampleRequest.message(publisher, lane: $0) }
        for number in 0..<times {
            let lane = number / run % lanes
            messages[lane].setID(UInt64(number / (run * lanes) * run + number % run + 1))
            messages[lane].bytes.withUnsafeBytes { drill.receive($0, lane: lane) }
            if number % flush == flush - 1 { handled += drill.flush() }
        }
        handled += drill.flush()
        precondition(handled == times, "all are handled, none waits behind a hole")
    }

    /// Flushes of 64 sources with one event each.
    private static func apply(_ times: Int) throws {
        var drill = IntakeDrill(plugin: RequestCounting(), publisher: publisher, lanes: 64)
        var messages = try (0..<64).map { try SampleRequest.message(publisher, lane: $0) }
        for number in 1...times {
            for lane in messages.indices {
                messages[lane].setID(UInt64(number))
                messages[lane].bytes.withUnsafeBytes { drill.receive($0, lane: lane) }
            }
            precondition(drill.flush() == 64, "all are handled")
        }
    }
}
