import Outboard

/// The same effects as `Services/RequestCounter`, which is a program and cannot be imported.
struct CountingPlugin: Plugin {
    static let manifest = Manifest(name: "request-counter", version: "1.0.0", summary: "Counts requests.")

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        effects.increment("requests")
        effects.increment("status", field: event.data.status)
        effects.increment("method", field: event.data.method)
        effects.increment("route", field: event.data.route ?? "(unmatched)")
        effects.increment("requests", per: .minute)
    }
}
