import Outboard
import Testing

@testable import OutboardCLI
@testable import OutboardRedis

@Suite("Screen of outboard top")
struct TopScreenTests {
    private func snapshot(at milliseconds: Int64, handled: Int64, replicas: Int = 2) throws -> BusSnapshot {
        let name = try PluginName("request-counter")
        let hashes = (0..<replicas).map { index in
            ReplicaSummary(
                id: "request-counter-000000000000000\(index)",
                fields: [
                    "state": "running", "version": "1.0.0", "host": "web-\(index)", "pid": "7", "lag_ms": "12",
                    "p50_us": "3", "p99_us": "40", "memory": "20971520",
                    "lanes": "http.request:\(index)", "handled": "\(handled / 2)",
                ], isLive: true)
        }
        var books = PluginBooks(plugin: name)
        books.books = [
            .applied: ["/a-1/http.request/0": handled + 3], .handled: ["/a-1/http.request/0": handled],
            .missed: ["/a-1/http.request/0": 3],
        ]
        let sums = BookSums(PluginAudit(books))
        let detail = PluginDetail(
            plugin: PluginSummary(name, manifest: nil, control: PluginControl(), replicas: hashes, books: sums),
            manifest: nil, control: PluginControl(), settings: [], replicas: hashes, books: sums, lanes: 2)
        return BusSnapshot(
            milliseconds: milliseconds, place: "127.0.0.1:6390", memory: 5 << 20, publishers: 1, plugins: [detail])
    }

    @Test("fits into 80x24, with rates from two snapshots")
    func small() throws {
        let before = try snapshot(at: 1_763_680_541_000, handled: 1_000)
        let screen = TopScreen(try snapshot(at: 1_763_680_543_000, handled: 3_000), before: before)
        #expect(
            screen.lines(in: .init(columns: 80, rows: 24)).joined(separator: "\n") == """
                2025-11-20T23:15:43Z  Redis 127.0.0.1:6390  5 MiB  1 publisher  1000 handled/s

                plugin, replica     state    rate/s    p99    lag  lanes  missed  failed
                request-counter     enabled    1000  40 us  12 ms      2       3       0
                  0000000000000000  running     500  40 us  12 ms      1       0       0
                  0000000000000001  running     500  40 us  12 ms      1       0       0

                q quits
                """)
    }

    @Test("shows more columns in 200x50, and never a rate that it cannot know")
    func large() throws {
        let lines = TopScreen(try snapshot(at: 1, handled: 10), before: nil).lines(in: .init(columns: 200, rows: 50))
        #expect(lines[2].hasSuffix("handled  in flight  malformed  let go   p50  slow  MiB  version  host   pid"))
        #expect(lines[3].contains("enabled       -"))
        let back = TopScreen(try snapshot(at: 2, handled: 5), before: try snapshot(at: 1, handled: 10))
        #expect(back.lines(in: .init(columns: 80, rows: 24))[3].contains("enabled       -"))
    }

    @Test("is never higher or wider than the terminal", arguments: [(80, 24), (40, 10), (20, 6), (200, 50), (1, 1)])
    func sizes(columns: Int, rows: Int) throws {
        let screen = TopScreen(try snapshot(at: 1, handled: 10, replicas: 60), before: nil)
        let lines = screen.lines(in: .init(columns: columns, rows: rows), notice: "Redis cannot be asked")
        #expect(lines.count <= max(rows, 5))
        #expect(lines.allSatisfy { $0.count <= columns })
    }
}
