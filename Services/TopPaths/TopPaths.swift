import Outboard
import OutboardService

/// Ranks paths by how often they are asked for.
@main
struct TopPaths: Plugin {
    static let manifest = Manifest(
        name: "top-paths", version: "1.0.0",
        summary: "Ranks paths by how often they are asked for.",
        effects: [.rank("paths")])

    struct Configuration: PluginConfiguration {
        /// The lowest and the highest status that counts; 400 as the lowest ranks what goes wrong.
        var minimumStatus = 100
        var maximumStatus = 399
        /// Whether `/search?q=a` and `/search?q=b` are two paths; needs a core that publishes queries.
        var withQuery = false
    }

    var configuration = Configuration()

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
        let request = event.data
        guard request.status >= configuration.minimumStatus, request.status <= configuration.maximumStatus else {
            return
        }
        var path = request.path
        if configuration.withQuery, let query = request.query, !query.isEmpty { path += "?\(query)" }
        effects.rank("paths", member: path)
    }
}
