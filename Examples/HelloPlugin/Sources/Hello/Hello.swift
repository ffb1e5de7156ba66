import Outboard
import OutboardService

/// Counts requests by path. Say here what yours is for.
@main
struct Hello: Plugin {
    static let manifest = Manifest(
        name: "hello", version: "0.1.0",
        summary: "Counts requests by path.",
        effects: [.counter("requests"), .family("path"), .series("requests", per: .minute)])

    // What an operator may change: any Codable fields, each with a default.
    struct Configuration: PluginConfiguration {
        /// Whether requests are counted per minute, too.
        var perMinute = true
    }

    var configuration = Configuration()

    // A function from an event to effects. It has no other side effect, so it may run twice and still counts once.
    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        effects.increment("requests")
        effects.increment("path", field: event.data.path)
        if configuration.perMinute { effects.increment("requests", per: .minute) }
    }
}
