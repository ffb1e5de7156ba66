import NIOCore
import Outboard

/// A plugin as an intake sees it: the one thing there that knows the payload's type.
///
/// Were the intake itself generic, it would ask Swift's runtime for its own types several times an event, because a
/// plugin is compiled elsewhere; so it asks once, by a call that is looked up.
protocol EventHandler: AnyObject {
    /// The type of events that the plugin hears.
    var eventType: String { get }

    /// Adds one event's effects.
    ///
    /// - Parameter bytes: Those of the element, kept.
    /// - Throws: What makes the event count as failed.
    func handle(_ element: borrowing ScannedElement, _ bytes: ByteSlice, into effects: inout Effects) throws

    /// Takes the settings that differ from those with which the plugin was started, between two events.
    ///
    /// - Throws: Why they are refused; the old ones stay in force.
    func configure(_ changes: [String: JSONValue]) throws

    /// Says whether the plugin would take settings; nothing changes.
    ///
    /// - Throws: Why it would not, or why that cannot be told.
    func judge(_ changes: [String: JSONValue]) throws

    /// How long events have taken since the last question.
    func takeTimes() -> HandlingTimes.Summary

    /// Lets go of what is kept from event to event: it holds on to the memory in which the last one lies.
    func rest()
}

/// A plugin that is a class has no copy that could be thrown away.
struct CannotJudge: Error, CustomStringConvertible {
    let description = "cannot be told before it is set: the plugin is a class, and asking it would change it"
}

/// Hands events to a plugin.
final class PluginHandler<P: Plugin>: EventHandler {
    // Unchecked: called on one event loop, and a plugin has no way back to here while it handles an event.
    @exclusivity(unchecked) private var plugin: P
    /// The settings with which the process was started.
    private let started: P.Configuration
    let eventType = P.Payload.eventType
    @exclusivity(unchecked) private var times: HandlingTimes
    @exclusivity(unchecked) private var requests = ReceivedRequests()

    init(_ plugin: P, budgetMicroseconds: Int) {
        self.plugin = plugin
        self.started = plugin.configuration
        self.times = HandlingTimes(budgetMicroseconds: budgetMicroseconds)
    }

    func handle(_ element: borrowing ScannedElement, _ bytes: ByteSlice, into effects: inout Effects) throws {
        guard times.isDue() else {
            return try plugin.effects(of: element.received(in: bytes, &requests), into: &effects)
        }
        let start = NIODeadline.now().uptimeNanoseconds
        let result = Result {
            try plugin.effects(of: element.received(in: bytes, &requests), into: &effects)
        }
        let (source, id) = (element.source, element.id)
        times.note(NIODeadline.now().uptimeNanoseconds - start) { (String(decoding: source, as: UTF8.self), id) }
        try result.get()
    }

    func takeTimes() -> HandlingTimes.Summary { times.take() }

    func rest() { requests = ReceivedRequests() }

    func configure(_ changes: [String: JSONValue]) throws {
        let configuration = try started.changed(by: changes, for: P.manifest.name)
        // A plugin that refuses half-way keeps nothing of it.
        var candidate = plugin
        try candidate.configure(configuration)
        plugin = candidate
    }

    func judge(_ changes: [String: JSONValue]) throws {
        guard !(P.self is AnyClass) else { throw CannotJudge() }
        var copy = plugin
        try copy.configure(try started.changed(by: changes, for: P.manifest.name))
    }
}
