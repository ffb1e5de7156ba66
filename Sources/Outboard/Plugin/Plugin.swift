/// A plugin: a function from events to effects.
///
/// ```swift
/// @main
/// struct RequestCounter: Plugin {
///     static let manifest = Manifest(name: "request-counter", version: "1.0.0", summary: "Counts requests.")
///
///     func effects(of event: Event<HTTPRequest>, into effects: inout Effects) {
///         effects.increment("requests")
///     }
/// }
/// ```
///
/// The payload type of the handler is the subscription. The handler has no other side effect, so it may run more than
/// once for the same event, on one replica or on several, and the event still counts once.
public protocol Plugin: Sendable {
    /// What the plugin hears; its `eventType` names the lanes that are subscribed.
    associatedtype Payload: EventPayload
    /// Settings that an operator may change; `NoConfiguration` where there are none.
    associatedtype Configuration: PluginConfiguration = NoConfiguration

    /// What the plugin says of itself when it registers.
    static var manifest: Manifest { get }

    /// The settings in force; the runtime sets them before `start()`.
    var configuration: Configuration { get set }

    /// Makes the plugin with its default configuration.
    init()

    /// Says what one event changes.
    ///
    /// Called on the replica's event loop, one event at a time, events of one source in order: it must not block.
    /// An error is logged, the event counts as `failed`, and none of its effects apply.
    func effects(of event: Event<Payload>, into effects: inout Effects) throws

    /// Makes an event of what came, and says what it changes: what the runtime calls. Leave it to the default, which is
    /// compiled with the plugin and therefore knows the types.
    func effects(of received: consuming ReceivedEvent, into effects: inout Effects) throws

    /// Takes a changed configuration, between two events; `self.configuration` is still the old one.
    ///
    /// Values that make no sense are refused by an error: the old configuration then stays in force, and the error stands
    /// in the replica's hash for the operator. Without this hook the configuration is stored as it is. It may run more
    /// than once for the same change, and on a copy that is thrown away, where somebody only asks whether a change would be
    /// taken: so it changes nothing but `self`.
    mutating func configure(_ configuration: Configuration) throws

    /// Called once before the first event. An error stops the process with exit code 70.
    func start() async throws

    /// Called once after the last event, within the eight seconds that a container is given to stop.
    func stop() async
}

extension Plugin {
    /// Reads the payload and hands it to the handler.
    @inlinable
    public func effects(of received: consuming ReceivedEvent, into effects: inout Effects) throws {
        try self.effects(of: received.event(of: Payload.self), into: &effects)
    }

    /// Every value is welcome.
    public mutating func configure(_ configuration: Configuration) throws {
        self.configuration = configuration
    }
    /// Nothing to prepare.
    public func start() async throws {}
    /// Nothing to clean up.
    public func stop() async {}
}

extension Plugin where Configuration == NoConfiguration {
    /// A plugin without settings has nothing to store.
    public var configuration: NoConfiguration {
        get { NoConfiguration() }
        // There is one value of this type, so storing it would change nothing.
        set { _ = newValue }
    }
}

/// Settings of a plugin: a `Codable` struct whose every field has a default.
public protocol PluginConfiguration: Codable, Sendable, Equatable {
    /// The defaults.
    init()
}

/// The configuration of a plugin that has no settings.
public struct NoConfiguration: PluginConfiguration {
    /// The only value.
    public init() {}
}
