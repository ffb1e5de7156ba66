import Logging
package import Outboard

/// What a replica does with messages and at a flush, without a connection: for counting what that costs.
package struct IntakeDrill {
    private var intake: Intake

    /// A replica that hears all lanes alone and knows one publisher, from whose first event on it counts.
    package init(plugin: some Plugin, publisher: String, lanes: Int) {
        // Whoever counts is slow, and an event that takes too long has the next thousands timed.
        intake = Intake(
            plugin: plugin, lanes: lanes, logger: Logger(label: "drill") { _ in SwiftLogNoOpLogHandler() },
            budgetMicroseconds: 60_000_000)
        intake.redisNow = Timestamp.now.microseconds
        for lane in 0..<lanes {
            intake.hear(lane)
            intake.settle(intake.addSource(publisher: publisher, lane: lane), fence: 0)
        }
    }

    /// Takes one message of a lane.
    package mutating func receive(_ message: UnsafeRawBufferPointer, lane: Int) {
        intake.receive(message, lane: lane)
    }

    /// Makes the call of a flush and has it applied.
    ///
    /// - Returns: The events that it books.
    package mutating func flush() -> UInt64 {
        let before = intake.figures.handled
        let groups = intake.seal()
        _ = BatchEncoding.arguments(groups, sources: intake.sources, maxFields: 10_000)
        for group in groups { intake.applied(group) }
        return intake.figures.handled - before
    }
}
