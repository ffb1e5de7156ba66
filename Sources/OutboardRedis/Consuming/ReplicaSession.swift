import NIOCore
import RedisClient

/// The two connections of one session.
struct ReplicaConnections: Sendable {
    let command: RedisConnection
    let subscription: RedisSubscription

    func cut() {
        _ = subscription.close()
        _ = command.close()
    }

    func close() async {
        try? await subscription.close().get()  // closing twice is no error worth telling
        try? await command.close().get()  // likewise
    }
}

/// Times of a session; docs/protocol.md, "Shared delivery".
enum Cadence {
    static let flush = TimeAmount.milliseconds(50)
    static let watch = TimeAmount.milliseconds(250)
    static let heartbeat = TimeAmount.seconds(1)
    /// A publisher that publishes has written its record within this time.
    static let records = TimeAmount.milliseconds(150)
    /// How long a leaving replica goes on hearing.
    static let drain: Int64 = 2_000
    /// How long a leaving replica goes on trying to apply what it has.
    static let lastFlush: Int64 = 3_000
    /// When a leaving replica's connections are closed, whatever it still waits for.
    static let lastMoment = TimeAmount.seconds(7)
    /// Between two looks at the fences of what is held.
    static let fences: Int64 = 250
    /// A replica whose loop stood still for longer was away itself.
    static let stall: Int64 = 1_000
    /// A probe that has not come back for so long, while nothing else came either, shows a deaf subscription.
    static let deaf: Int64 = 2_000
    /// Between two looks at what the operator wants.
    static let control: Int64 = 1_000
    /// Between two looks for publishers to forget.
    static let forgetting: Int64 = 10_000
}

/// What a replica asks Redis for again and again.
enum Duty: CaseIterable {
    case effects, fences, holes, presence, control, breaker, forgetting
}

/// What one session of a replica keeps in mind; the next session begins with nothing of it.
struct ReplicaSession {
    let flushPause: Pause
    let watchPause: Pause
    let beatPause: Pause
    let probePause: Pause
    let silencePause: Pause
    /// Whether this session hears lanes.
    var state = PluginControl.State.enabled
    /// Somebody has said that something else is wanted now.
    var wantsControl = false
    /// Configurations that somebody asks about; what comes beyond the bound gets no answer.
    private(set) var questions: [ControlMessage] = []
    private static let mostQuestions = 16
    /// When the control hash was last read.
    var controlReadAt: Int64 = 0
    var laneLists = LaneLists()
    /// Difference between Redis's clock and our monotonic one, in milliseconds.
    var clockOffset: Int64 = 0
    /// Since when this replica has been there without a break, in milliseconds of the monotonic clock.
    private(set) var trustedSince: Int64 = 0
    private var lastTick: Int64?
    /// When fences were last read.
    var fencesReadAt: Int64 = 0
    /// Fences must be read before anything else: somebody has died, or Redis has lost what it had.
    var wantsFences = false
    var sinceIsLost = false
    /// When publishers to forget were last looked for.
    var lookedForForgotten: Int64 = 0
    /// Whether the subscription is read; nil before there is one.
    var reading: SubscriptionReading?
    /// What Redis has refused and is asked again: duty → why. Empty where all is well.
    var refusals: [Duty: String] = [:]
    /// Why the session must end, though nobody has noticed yet.
    var isBroken: RedisError?

    init(on eventLoop: any EventLoop) {
        flushPause = Pause(on: eventLoop)
        watchPause = Pause(on: eventLoop)
        beatPause = Pause(on: eventLoop)
        probePause = Pause(on: eventLoop)
        silencePause = Pause(on: eventLoop)
    }

    mutating func ask(_ question: ControlMessage) {
        if questions.count < Self.mostQuestions { questions.append(question) }
    }

    mutating func takeQuestions() -> [ControlMessage] {
        defer { questions = [] }
        return questions
    }

    /// Takes the time.
    ///
    /// - Returns: For how long the loop stood still, if that was too long.
    mutating func tick(_ now: Int64) -> Int64? {
        defer { lastTick = now }
        guard let lastTick, now - lastTick > Cadence.stall else { return nil }
        trustedSince = now
        return now - lastTick
    }

    /// All waits begin again, as after an absence.
    mutating func restartWaits(_ now: Int64) {
        trustedSince = now
    }

    /// Ends the session as soon as one of its loops looks.
    mutating func breakOff(_ error: RedisError) {
        isBroken = isBroken ?? error
        for pause in [flushPause, watchPause, beatPause, probePause, silencePause] { pause.end() }
    }

    func check() throws {
        try Task.checkCancellation()
        if let isBroken { throw isBroken }
    }
}

/// A replica's messages to itself, by number.
struct Probe {
    private(set) var sent: UInt64 = 0
    private(set) var arrived: UInt64 = 0

    var isBack: Bool { arrived >= sent }

    mutating func next() -> UInt64 {
        sent += 1
        return sent
    }

    mutating func heard(_ number: UInt64) {
        arrived = max(arrived, min(number, sent))
    }
}

/// A replica's message to itself did not come back.
struct ProbeLost: Error, CustomStringConvertible {
    var description: String { "the subscription is deaf: a probe did not come back within 2 s; opening a new one" }
}
