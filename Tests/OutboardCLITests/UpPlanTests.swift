import Foundation
import Testing

@testable import OutboardCLI

@Suite("UpPlan")
struct UpPlanTests {
    @Test(
        "says to look where every request shows at once",
        arguments: [
            (["errors", "request-counter"], "request-counter"), (["errors", "visitors"], "errors"), ([], nil),
        ])
    func welcome(services: [String], plugin: String?) {
        let plan = UpPlan(
            replicas: services.map { Replica(service: $0, number: 1) }, redisPort: 6390, redisURL: nil,
            httpPort: "8080", programs: URL(filePath: "/"), data: URL(filePath: "/"))
        let line = plugin.map { "  redis-cli -p 6390 hgetall 'outboard:{\($0)}:counters'\n" } ?? ""
        #expect(plan.welcome == "ready; try:\n  curl localhost:8080/hello\n\(line)Ctrl-C stops it.")
    }
}
