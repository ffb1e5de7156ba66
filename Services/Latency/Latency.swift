import Outboard
import OutboardService

/// Keeps how long requests took, so that any percentile can be read.
@main
struct Latency: Plugin {
    static let manifest = Manifest(
        name: "latency", version: "1.0.0",
        summary: "Histograms of how long requests took, in all and by route.",
        effects: [.histogram("duration_us"), .histograms("duration_us"), .maximum("duration_us")])

    struct Configuration: PluginConfiguration {
        /// Whether each route has a histogram of its own, too.
        var perRoute = true
    }

    var configuration = Configuration()

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        let duration = event.data.durationMicroseconds
        effects.observe("duration_us", duration)
        effects.maximum("duration_us", duration)
        if configuration.perRoute {
            effects.observe("duration_us", field: event.data.route ?? "(unmatched)", duration)
        }
    }
}
