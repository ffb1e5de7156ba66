import Outboard
import OutboardService

/// Counts requests that went wrong, by route and by minute.
@main
struct Errors: Plugin {
    static let manifest = Manifest(
        name: "errors", version: "1.0.0",
        summary: "Counts answers of 4xx and 5xx, by route and by minute.",
        effects: [
            .counter("client_errors"), .family("client_errors"), .series("client_errors", per: .minute),
            .counter("server_errors"), .family("server_errors"), .series("server_errors", per: .minute),
            .family("status"),
        ])

    struct Configuration: PluginConfiguration {
        /// Whether 400 to 499 are errors: something was wrong with the request.
        var clientErrors = true
        /// Whether 500 to 599 are errors: something was wrong here.
        var serverErrors = true
        /// Statuses that are none, for example 404 where people guess addresses.
        var notErrors: [Int] = []
    }

    var configuration = Configuration()

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        let status = event.data.status
        guard let kind = kind(of: status) else { return }
        effects.increment(kind)
        effects.increment(kind, field: event.data.route ?? "(unmatched)")
        effects.increment(kind, per: .minute)
        effects.increment("status", field: status)
    }

    /// The name under which a status counts; nil if it is no error.
    private func kind(of status: Int) -> String? {
        guard !configuration.notErrors.contains(status) else { return nil }
        switch status {
        case 400...499: return configuration.clientErrors ? "client_errors" : nil
        case 500...599: return configuration.serverErrors ? "server_errors" : nil
        default: return nil
        }
    }
}
