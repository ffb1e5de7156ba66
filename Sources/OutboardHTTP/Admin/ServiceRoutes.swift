import HTTPTypes
import Hummingbird
import Outboard
import OutboardRedis
import Processes

/// The part of the admin API that loads, scales and unloads the services of the `outboard up` that runs this core.
///
/// It writes what is wanted where `outboard load`, `scale` and `unload` do, and does not wait until it is so. A path is
/// never taken: whoever has the token must not be able to run any file. A service that was loaded by path keeps its
/// program.
struct ServiceRoutes: Sendable {
    /// Programs that lie beside the services and are none.
    private static let ours = ["outboard", "outboard-core"]
    /// A number.
    private static let mostBytes = 4 << 10

    /// Nil where no `outboard up` runs this core.
    let board: ServiceBoard?
    let directory: any PluginDirectory
    let token: AdminToken?

    func add(to router: Router<CoreContext>) {
        router.get("/api/services") { _, _ in
            let services = try own().services()
            let live = try await live()
            return try AdminJSON.response(
                Services(
                    services: services.sorted { $0.key < $1.key }.map { name, service in
                        Service(name: name, wanted: service.replicas, live: live[name] ?? 0)
                    }))
        }
        router.put("/api/services/:name") { request, context in
            try AdminToken.check(token, request)
            let board = try own()
            let name = try context.parameters.require("name")
            let live = try await live()
            // What is no name is no service's name; it would become part of a path.
            guard (try? PluginName(name)) != nil, !Self.ours.contains(name),
                board.services()[name] != nil || (live[name] != nil && board.hasProgram(name))
            else {
                throw Problem(
                    status: .notFound,
                    detail: "No service of this name runs here, and no plugin of this name whose program lies beside "
                        + "'outboard' has registered; load it with 'outboard load'.")
            }
            let change = try await AdminJSON.decoded(
                Change.self, of: request, "A change", types: ["application/json"], mostBytes: Self.mostBytes)
            guard WantedService.counts.contains(change.replicas) else {
                let (least, most) = (WantedService.counts.lowerBound, WantedService.counts.upperBound)
                throw Problem(
                    status: .unprocessableContent,
                    detail: "replicas \(change.replicas) is no number from \(least) to \(most).")
            }
            do throws(ServiceBoard.Failure) {
                try board.scale(name, to: change.replicas)
            } catch {
                throw Problem(status: .internalServerError, detail: "\(error).")
            }
            return try AdminJSON.response(
                Service(name: name, wanted: change.replicas, live: live[name] ?? 0), status: .accepted)
        }
    }

    private func own() throws -> ServiceBoard {
        guard let board else {
            throw Problem(
                status: .conflict,
                detail: "This core was not started by 'outboard up'; scale where the containers run: "
                    + "docker compose up -d --scale NAME=N.")
        }
        return board
    }

    /// Live replicas of each plugin that ever registered.
    private func live() async throws -> [String: Int] {
        let plugins = try await directory.ask { try await $0.plugins() }
        return Dictionary(plugins.map { ($0.name, $0.replicas) }) { $1 }
    }

    private struct Change: Decodable {
        let replicas: Int

        private enum CodingKeys: String, CodingKey {
            case replicas
        }

        /// Refuses members that it does not know: a program, above all, is not taken.
        init(from decoder: any Decoder) throws {
            let members = try decoder.singleValueContainer().decode([String: JSONValue].self)
            if let other = members.keys.sorted().first(where: { $0 != CodingKeys.replicas.rawValue }) {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: [], debugDescription: "'\(other)' cannot be changed here, only replicas can"))
            }
            replicas = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .replicas)
        }
    }

    private struct Services: Encodable {
        let services: [Service]
    }

    private struct Service: Encodable {
        let name: String
        let wanted, live: Int
    }
}
