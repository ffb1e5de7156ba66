package import Logging
package import NIOCore
package import Outboard
import RedisClient

/// One replica of a plugin: hears its lanes, handles events, applies effects, keeps the books.
///
/// `run()` is a loop of sessions. A session is one life of two connections (commands, subscription); whatever breaks
/// ends it, and the next one believes nothing that Redis has not confirmed to it. What was handled and not confirmed
/// is kept and held against the fences that the next session reads.
package actor Replica<P: Plugin> {
    package nonisolated let id: String
    nonisolated let settings: ReplicaSettings
    nonisolated let manifest: Manifest
    nonisolated let name: PluginName
    nonisolated let eventLoop: any EventLoop
    nonisolated let logger: Logger
    /// Touched on the event loop only, which is this actor's executor and that of the subscription's read loop.
    nonisolated let box: NIOLoopBound<IntakeBox>

    var state = ReplicaState.starting
    var problem = ""
    var startedAt: Int64 = 0
    var session: ReplicaSession
    var plan: HearingPlan
    var roster = Roster()
    /// Groups that Redis may or may not have, because their reply has not come: a call of the script each.
    var inFlight: [[Batch.Group]] = []
    /// When the plugin began to hear its type, in milliseconds of Redis's clock.
    var since: Int64 = 0
    var records = PublisherRecords()
    var probe = Probe()
    var breaker: FailureBreaker
    /// How long events took within the last second.
    var times = HandlingTimes.Summary()
    /// Events that were found to be slow since the start.
    var slow: UInt64 = 0
    /// What the operator wants, as last read.
    var control = PluginControl()
    /// Why the configuration that is wanted is not in force; empty where it is.
    var refusedConfiguration = ""
    /// Whether the plugin was disabled since this replica last heard its lanes: what passed meanwhile is skipped.
    var wasDisabled = false
    private let onReady: @Sendable () -> Void
    private var wasReady = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { eventLoop.executor.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - plugin: Configured and started; handed over for good.
    ///   - onReady: Called once, when the first session hears all of its lanes.
    package init(
        plugin: P, name: PluginName, settings: ReplicaSettings, eventLoop: any EventLoop, logger: Logger,
        onReady: @escaping @Sendable () -> Void = {}
    ) async throws {
        var generator = SystemRandomNumberGenerator()
        let id = PublisherID(name: name.rawValue, using: &generator).text
        self.id = id
        self.settings = settings
        self.manifest = P.manifest
        self.name = name
        self.eventLoop = eventLoop
        self.logger = logger
        self.onReady = onReady
        let (lanes, limits, budget) = (settings.lanes, settings.backlog, settings.handlerBudget)
        self.session = ReplicaSession(on: eventLoop)
        self.breaker = FailureBreaker(limit: settings.failureLimit)
        self.plan = HearingPlan(lanes: lanes, holders: settings.holders, replica: id) { lane, replica in
            LaneWeight.of(type: P.Payload.eventType, lane: lane, replica: replica)
        }
        self.box = try await eventLoop.submit {
            NIOLoopBound(
                IntakeBox(
                    Intake(plugin: plugin, lanes: lanes, logger: logger, limits: limits, budgetMicroseconds: budget)),
                eventLoop: eventLoop)
        }.get()
    }

    /// What the read loop fills and this actor empties.
    var hot: IntakeBox { box.value }

    /// Works until the task is cancelled; then flushes what it has and gives its lease up, within 8 s.
    ///
    /// - Throws: `SettingsError` if this process does not fit the bus.
    package func run() async throws {
        try await withTaskExecutorPreference(EventLoopTaskExecutor(eventLoop)) { try await runSessions() }
    }

    private func runSessions() async throws {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        startedAt = Self.wallMilliseconds
        while !Task.isCancelled {
            do {
                try await runSession { backoff.reset() }
            } catch is CancellationError {
                break
            } catch let error as SettingsError {
                throw error
            } catch is StateChanged {
                (state, problem) = (.starting, "")
                hot.intake.suspend(inFlight.flatMap(\.self))
                inFlight = []
                continue
            } catch {
                if Task.isCancelled { break }
                state = .starting
                problem = "\(error)"
                logger.warning("session with Redis ended", metadata: ["error": "\(error)"])
            }
            hot.intake.suspend(inFlight.flatMap(\.self))
            inFlight = []
            if Task.isCancelled { break }
            try? await Task.sleep(for: backoff.next(using: &generator))  // only a cancellation ends it early
        }
        state = .stopped
    }

    /// Says, once, that the first session hears all of its lanes.
    func announceReady() {
        guard !wasReady else { return }
        wasReady = true
        onReady()
    }

    // MARK: Clocks

    static var wallMilliseconds: Int64 { Timestamp.now.microseconds / 1_000 }
    static var monotonicMilliseconds: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000) }

    /// Redis's clock as far as known, in milliseconds.
    /// A step of this machine's clock does not move it.
    var redisMilliseconds: Int64 { Self.monotonicMilliseconds + session.clockOffset }

    /// Hands the intake the time; it reads no clock itself.
    func tick() {
        let now = Self.monotonicMilliseconds
        hot.intake.now = now
        hot.intake.redisNow = redisMilliseconds * 1_000
        if let stalled = session.tick(now) {
            logger.warning("this replica stood still; its waits begin again", metadata: ["ms": "\(stalled)"])
        }
    }
}
