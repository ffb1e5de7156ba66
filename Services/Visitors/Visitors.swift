import Outboard
import OutboardService

/// Counts how many different clients came.
@main
struct Visitors: Plugin {
    static let manifest = Manifest(
        name: "visitors", version: "1.0.0",
        summary: "Counts different clients, in all and by day.",
        effects: [.unique("clients"), .unique("clients", per: .day)])

    struct Configuration: PluginConfiguration {
        /// Whether address and user agent together are a client, because several people may share an address.
        var withUserAgent = false
        /// Whether clients are counted by day, too.
        var perDay = true
    }

    var configuration = Configuration()

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        // A client that is not known is nobody, not one more.
        guard var client = event.data.client else { return }
        if configuration.withUserAgent { client += " \(event.data.userAgent ?? "")" }
        effects.unique("clients", element: client)
        if configuration.perDay { effects.unique("clients", per: .day, element: client) }
    }
}
