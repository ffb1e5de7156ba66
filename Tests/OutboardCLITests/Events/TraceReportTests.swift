import Testing

@testable import OutboardCLI
@testable import OutboardRedis

@Suite("Trace for a person")
struct TraceReportTests {
    private func trace(_ effects: [ManifestSummary.Effect]) throws -> RequestTrace {
        let message = EventLineTests.message(
            #"{"method":"GET","path":"/hello","status":200,"duration_us":1,"request_id":"r-1"}"#)
        let event = try #require(HeardEvent.events(in: Array(message.utf8), channel: "").first)
        var trace = RequestTrace(event, plugins: [("request-counter", effects)])
        trace.note(fence: 17, of: "request-counter", afterMilliseconds: 46)
        return trace
    }

    private static let effects = ["status", "method", "route"].map { ManifestSummary.Effect(kind: "family", name: $0) }
    private static let counter =
        [ManifestSummary.Effect(kind: "counter", name: "requests")] + effects
        + [ManifestSummary.Effect(kind: "series", name: "requests", unit: "minute")]

    @Test("what a plugin writes is wrapped between effects, beneath the first one")
    func wrapped() throws {
        let report = TraceReport(try trace(Self.counter), width: 80)
        #expect(
            report.stepLines.joined(separator: "\n") == """
                  request-counter: dealt with after 46 ms  (applied 17)
                    writes requests counter, status family, method family, route family,
                           requests per minute series
                """)
        let narrow = TraceReport(try trace(Self.counter), width: 30).stepLines
        #expect(narrow.dropFirst(2).allSatisfy { $0.hasPrefix("           ") && $0.count <= 37 })
        #expect(narrow.last == "           requests per minute series")
    }

    @Test("without a width, as in a pipe, lines stay whole")
    func whole() throws {
        let report = TraceReport(try trace(Self.counter))
        #expect(
            report.stepLines.last
                == "    writes requests counter, status family, method family, route family, requests per minute series"
        )
        let silent = TraceReport(try trace([]), width: 1)
        #expect(silent.stepLines.last == "    writes what its manifest does not say")
    }

    @Test("never wider than the terminal, unless one effect is", arguments: [40, 60, 80, 120])
    func widths(width: Int) throws {
        let report = TraceReport(try trace(Self.counter), width: width)
        #expect(report.stepLines.dropFirst().allSatisfy { $0.count <= width })
    }
}
