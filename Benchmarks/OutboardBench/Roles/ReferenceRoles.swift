import Outboard
import ReferenceLoops

/// C on hiredis publishes one payload again and again.
struct ReferencePublisher: Codable, Sendable {
    /// Who makes the command: we beforehand, or hiredis for each event.
    enum Form: String, Codable, Sendable {
        case formatted, argv
    }

    let port: Int
    let form: Form
    let events: Int
    var depth: Int32 = 512

    func run() throws -> Sample {
        let connection = try ReferenceConnection.open(port: port)
        try publish(events / 10, on: connection)
        let watch = Stopwatch()
        try publish(events, on: connection)
        return watch.sample(events: events)
    }

    private func publish(_ count: Int, on connection: borrowing ReferenceConnection) throws {
        switch form {
        case .formatted:
            let command = try SampleEvent.command(lane: 0).map { CChar(bitPattern: $0) }
            try connection.run {
                reference_publish_formatted($0, command, command.count, Int64(count), depth)
            }
        case .argv:
            let channel = Array(SampleEvent.channel(lane: 0).utf8).map { CChar(bitPattern: $0) }
            let payload = try SampleEvent.bytes(lane: 0).map { CChar(bitPattern: $0) }
            try connection.run {
                reference_publish_argv(
                    $0, channel, channel.count, payload, payload.count, Int64(count), depth)
            }
        }
    }
}

/// C on hiredis hears all lanes and looks at nothing.
struct ReferenceSubscriber: Codable, Sendable {
    let port: Int
    let warmUp: Int
    let events: Int

    func run() throws -> Sample {
        let connection = try ReferenceConnection.open(port: port)
        let channels = (0..<Bench.lanes).map { Array(SampleEvent.channel(lane: $0).utf8CString) }
        // Copies that outlive the call which makes pointers of them.
        let copies = channels.map { channel in
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: channel.count)
            _ = copy.initialize(from: channel)
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        let pointers = copies.map { UnsafePointer($0.baseAddress) }
        try connection.run { reference_subscribe($0, pointers, Int32(pointers.count)) }
        Role.say(Role.readyMark)
        try connection.run { reference_receive($0, Int64(warmUp)) }
        Role.say(Role.warmMark)
        let watch = Stopwatch()
        try connection.run { reference_receive($0, Int64(events)) }
        return watch.sample(events: events)
    }
}

/// C on hiredis publishes valid, numbered events over all lanes: the load for subscribers.
struct ReferenceBlast: Codable, Sendable {
    let port: Int
    /// Number of the first event in every lane.
    let first: UInt64
    let events: Int
    /// Events a second at most; 0 for as many as Redis takes.
    let perSecond: Int
    /// Events on one lane before the next has its turn, as a publisher's flushes have.
    var laneRun: Int32 = 64
    var depth: Int32 = 512

    func run() throws -> Sample {
        let connection = try ReferenceConnection.open(port: port)
        let time = Timestamp.now
        let commands = try (0..<Bench.lanes).map { try SampleEvent.command(lane: $0, time: time) }
        let copies = commands.map { command in
            let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: command.count)
            _ = copy.initialize(from: command.lazy.map { CChar(bitPattern: $0) })
            return copy
        }
        defer { for copy in copies { copy.deallocate() } }
        let digits = Array("\(SampleEvent.firstNumber)".utf8)
        let frames = try zip(commands, copies).map { command, copy in
            guard let place = command.firstRange(of: Array("\"id\":\"".utf8) + digits) else {
                throw BenchError("the sample event has no number")
            }
            return reference_frame(
                bytes: copy.baseAddress, count: command.count, number_offset: place.upperBound - digits.count,
                number_width: digits.count)
        }
        let watch = Stopwatch()
        try connection.run {
            reference_blast(
                $0, frames, Int32(frames.count), laneRun, Int64(first), Int64(events), depth, Int64(perSecond))
        }
        return watch.sample(events: events)
    }
}
