import Testing

@testable import OutboardCLI
@testable import OutboardRedis

@Suite("Report of a plugin's counters")
struct CountersReportTests {
    private var counters: PluginCounters {
        var counters = PluginCounters(
            plugin: "p", counters: ["requests": 7], families: ["status": ["200": 5, "404": 1, "500": 1]])
        counters.series = [
            "requests": ["minute": [.init(start: "2026-11-20T23:15:00Z", value: 3), .init(start: "x", value: 4)]]
        ]
        counters.histograms["duration"] = HistogramSummary(buckets: [1: 9, 100: 1], sum: 109)
        counters.fieldHistograms["by_route"] = [
            "/a|b": HistogramSummary(buckets: [2: 1], sum: 2), "/": HistogramSummary(buckets: [4: 3], sum: 12),
        ].compactMapValues { $0 }
        counters.ranks = ["paths": [.init(member: "/x", score: 9)]]
        counters.uniques = ["clients": 42]
        counters.maximum = ["duration": 100]
        counters.rejected = ["counters:route": 2]
        return counters
    }

    @Test("has a section for each kind, families by value and cut at --top")
    func sections() {
        #expect(
            CountersReport(counters, top: 2).lines.joined(separator: "\n") == """
                counters
                  requests  7

                status (3 fields)
                  200  5
                  404  1
                  … and 1 field more; --top 3 shows all

                requests per minute
                  2026-11-20T23:15:00Z  3
                  x                     4

                duration
                  count  mean  p50  p95  p99
                     10  10.9    1  100  100

                by_route
                  field  count  mean  p50  p95  p99
                  /          3   4.0    4    4    4
                  /a|b       1   2.0    2    2    2

                paths, highest first
                  /x  9

                different elements (unique)
                  clients  42

                maximum
                  duration  100

                rejected: events whose effect failed
                  counters:route  2
                """)
    }

    @Test("shows only what has the name that was asked for")
    func named() {
        #expect(CountersReport(counters, name: "requests", top: 1).lines.count == 5)
        #expect(CountersReport(counters, name: "route", top: 1).counters.rejected == ["counters:route": 2])
        let nothing = CountersReport(counters, name: "nothing", top: 1)
        #expect(nothing.isEmpty)
        #expect(nothing.names == "by_route, clients, duration, paths, requests, status")
        #expect(CountersReport(PluginCounters(plugin: "p"), top: 1).lines == ["p has written nothing yet"])
    }
}
