import Outboard
import Testing

@testable import OutboardCLI
@testable import OutboardRedis

@Suite("Report of one plugin")
struct InspectReportTests {
    @Test("shows manifest, changed configuration, every replica and the books, in 80 columns")
    func whole() throws {
        let manifest = ManifestSummary(
            version: "1.1.0", protocol: 1, summary: "Counts.", subscribes: ["http.request"], delivery: "shared",
            effects: JSONValue(
                text: #"""
                    [{"kind":"counter","name":"n","key":"counters"},{"kind":"family","name":"a","key":"counters:a"},
                    {"kind":"family","name":"b","key":"counters:b"},
                    {"kind":"series","name":"n","unit":"minute","key":"series:n:minute"}]
                    """#),
            config: JSONValue(text: #"{"perMinute":true,"limit":10}"#))
        let control = PluginControl(fields: [
            "state": "disabled", "config": #"{"limit":20}"#, "revision": "3", "reason": "for a test",
        ])
        let replicas = ["1.0.0", "1.1.0"].enumerated().map { index, version in
            ReplicaSummary(
                id: "c-000000000000000\(index)",
                fields: [
                    "version": version, "state": index == 0 ? "running" : "failed", "host": "web-\(index)", "pid": "7",
                    "started": "1763680542000", "lanes": "http.request:0 http.request:1", "received": "5",
                    "lag_ms": "1500", "p50_us": index == 0 ? "4" : "0", "p99_us": index == 0 ? "1250" : "0",
                    "memory": index == 0 ? "20971520" : "", "error": index == 0 ? "" : "a book is a string",
                ], isLive: index == 0)
        }
        var books = PluginBooks(plugin: try PluginName("c"))
        books.books = [.applied: ["/a-1/http.request/0": 5], .handled: ["/a-1/http.request/0": 5]]
        books.forgotten = [.applied: 2, .missed: 2]
        let detail = PluginDetail(
            plugin: PluginSummary(
                name: "c", version: "1.1.0", summary: "Counts.", subscribes: ["http.request"],
                versions: ["1.0.0", "1.1.0"], state: .failed),
            manifest: manifest, control: control, settings: manifest.settings(changed: control.config),
            replicas: replicas, books: BookSums(PluginAudit(books)), lanes: 64)
        let lines = InspectReport(detail).lines
        #expect(
            lines.joined(separator: "\n") == """
                c 1.0.0, 1.1.0  failed
                  Counts.

                  hears     http.request
                  delivery  shared
                  writes    counter: n
                            family: a, b
                            series: n per minute
                  protocol  1
                  control   disabled, revision 3
                            for a test
                  config    limit = 20  (default 10)
                            perMinute = true  (default)

                  replicas
                    c-0000000000000000  running, version 1.0.0
                      host web-0, pid 7, since 2025-11-20T23:15:42Z
                      lanes 2 of 64, lag 1.5 s, revision 0
                      received 5, handled 0, failed 0, malformed 0
                      missed 0, let go 0, slow 0
                      an event takes 4 us, all but one in a hundred at most 1.2 ms
                      memory 20 MiB
                    c-0000000000000001  failed, no lease, version 1.1.0
                      host web-1, pid 7, since 2025-11-20T23:15:42Z
                      lanes 2 of 64, lag 1.5 s, revision 0
                      received 5, handled 0, failed 0, malformed 0
                      missed 0, let go 0, slow 0
                      error: a book is a string

                  books: balance
                    handled  failed  missed  skipped  baseline  applied  in flight
                          5       0       2        0         0        7          0
                """)
        #expect(lines.allSatisfy { $0.count <= 80 })
    }
}
