import HTTPTypes
import Hummingbird
import Outboard
import OutboardRedis
import RedisClient

/// The part of the admin API that is about plugins.
struct PluginRoutes: Sendable {
    /// A change is a few settings.
    private static let mostBytes = 64 << 10

    let directory: any PluginDirectory
    let token: AdminToken?

    func add(to router: Router<CoreContext>) {
        router.get("/api/plugins") { _, _ in
            try AdminJSON.response(Plugins(plugins: try await directory.ask { try await $0.plugins() }))
        }
        router.get("/api/plugins/:name") { _, context in
            let plugin = try Self.plugin(context)
            let detail = try await directory.ask { try await $0.detail(of: plugin) }
            guard let detail else { throw Problem.unknownPlugin }
            return try AdminJSON.response(detail)
        }
        router.get("/api/plugins/:name/counters") { _, context in
            let plugin = try Self.plugin(context)
            let counters = try await directory.ask { try await $0.counters(of: plugin) }
            guard let counters else { throw Problem.unknownPlugin }
            return try AdminJSON.response(counters)
        }
        router.patch("/api/plugins/:name") { request, context in
            try AdminToken.check(token, request)
            let plugin = try Self.plugin(context)
            let change = try await Self.change(request)
            return try AdminJSON.response(try await directory.ask { try await $0.make(change, of: plugin) })
        }
        router.post("/api/plugins/:name/trial") { request, context in
            try AdminToken.check(token, request)
            let plugin = try Self.plugin(context)
            let change = try await Self.change(request)
            guard change.config != nil, change.state == nil else {
                throw Problem(
                    status: .badRequest, detail: "A trial is one of settings, for example {\"config\": {\"name\": 1}}.")
            }
            return try AdminJSON.response(try await directory.ask { try await $0.trial(of: change, of: plugin) })
        }
        router.delete("/api/plugins/:name") { request, context in
            try AdminToken.check(token, request)
            let plugin = try Self.plugin(context)
            _ = try await directory.ask { try await $0.forget(plugin) }
            return Response(status: .noContent)
        }
        router.get("/api/top") { _, _ in
            try AdminJSON.response(try await directory.ask { try await $0.snapshot() })
        }
        router.get("/api/doctor") { _, _ in
            let findings = try await directory.ask { try await $0.findings() }
            return try AdminJSON.response(
                Doctor(holds: !findings.contains { $0.verdict == .fail }, findings: findings))
        }
        router.get("/api/audit") { _, _ in
            let audits = try await directory.ask { try await $0.audits() }
            return try AdminJSON.response(
                Audit(holds: audits.allSatisfy(\.holds), plugins: audits.map(Audit.Plugin.init)))
        }
    }

    // MARK: Requests

    private static func plugin(_ context: CoreContext) throws -> PluginName {
        // What is no name is no plugin's name.
        guard let plugin = try? PluginName(try context.parameters.require("name")) else { throw Problem.unknownPlugin }
        return plugin
    }

    private static func change(_ request: Request) async throws -> PluginChange {
        try await AdminJSON.decoded(
            PluginChange.self, of: request, "A change", types: ["application/merge-patch+json", "application/json"],
            mostBytes: mostBytes)
    }

    // MARK: Answers

    private struct Plugins: Encodable {
        let plugins: [PluginSummary]
    }

    private struct Doctor: Encodable {
        /// Whether nothing fails; there may be warnings.
        let holds: Bool
        let findings: [Finding]
    }

    private struct Audit: Encodable {
        struct Plugin: Encodable {
            let plugin: String
            let holds: Bool
            let books: BookSums
            /// What is wrong, a sentence each.
            let wrong: [String]

            init(_ audit: PluginAudit) {
                plugin = audit.plugin.rawValue
                holds = audit.holds
                books = BookSums(audit)
                wrong =
                    audit.damages.map { "\($0.place) \($0.problem); \($0.mend)" }
                    + audit.wrong.map { "\($0.source): \($0.imbalance)" }
            }
        }

        let holds: Bool
        let plugins: [Plugin]
    }
}
