import Outboard
import OutboardService

/// Counts every request once, however many replicas run.
@main
struct RequestCounter: Plugin {
    static let manifest = Manifest(
        name: "request-counter", version: "1.0.0",
        summary: "Counts requests by route, method and status.",
        effects: [
            .counter("requests"), .family("status"), .family("method"), .family("route"),
            .series("requests", per: .minute),
        ])

    struct Configuration: PluginConfiguration {
        /// Whether requests are counted per minute, too.
        var perMinute = true
    }

    var configuration = Configuration()

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        effects.increment("requests")
        effects.increment("status", field: event.data.status)
        effects.increment("method", field: event.data.method)
        effects.increment("route", field: event.data.route ?? "(unmatched)")
        if configuration.perMinute { effects.increment("requests", per: .minute) }
    }
}
