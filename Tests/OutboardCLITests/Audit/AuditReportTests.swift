import Outboard
import OutboardRedis
import Testing

@testable import OutboardCLI

@Suite("Report of an audit")
struct AuditReportTests {
    private func books(_ numbers: [Book: [String: Int64]]) throws -> PluginBooks {
        var books = PluginBooks(plugin: try PluginName("request-counter"))
        books.books = numbers
        return books
    }

    @Test("is one table in 80 columns")
    func table() throws {
        var books = try books([
            .applied: ["/core-0123456789abcdef/http.request/0": 100_000],
            .handled: ["/core-0123456789abcdef/http.request/0": 99_990],
            .missed: ["/core-0123456789abcdef/http.request/0": 10],
        ])
        books.published = ["/core-0123456789abcdef/http.request/0": 100_002]
        books.rejected = ["counters:route": 3]
        let text = AuditReport(PluginAudit(books)).text()
        #expect(
            text == """
                request-counter: the books balance  (1 source, 1 publisher)
                  published  handled  failed  missed  skipped  baseline  in flight
                     100002    99990       0      10        0         0          2
                  effects not applied: counters:route, 3 events

                """)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test("lists sources by publisher, lanes in order of their numbers")
    func sources() throws {
        let names = [2, 10, 0].map { "/a-1/t/\($0)" }
        let numbers = Dictionary(uniqueKeysWithValues: names.map { ($0, Int64(1)) })
        let text = AuditReport(PluginAudit(try books([.applied: numbers, .handled: numbers]))).text(sources: true)
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines[3] == "  /a-1/t")
        #expect(lines[5...].map { $0.split(separator: " ").first } == ["0", "2", "10"])
    }

    @Test("names what is wrong; twenty times at most")
    func wrong() throws {
        let numbers = Dictionary(uniqueKeysWithValues: (10..<35).map { ("/a-1/t/\($0)", Int64(2)) })
        let text = AuditReport(PluginAudit(try books([.applied: numbers]))).text()
        #expect(text.hasPrefix("request-counter: THE BOOKS DO NOT BALANCE"))
        #expect(text.contains("  WRONG    /a-1/t/10\n           nothing is booked, but applied is 2\n"))
        #expect(text.contains("… and 5 more; --json has all"))
        #expect(!text.contains("/a-1/t/34"))
    }

    @Test("shows control characters of planted names as numbers")
    func planted() throws {
        let text = AuditReport(PluginAudit(try books([.applied: ["/a\u{1B}[2J/t/0": 1]]))).text(sources: true)
        #expect(!text.contains("\u{1B}"))
        #expect(text.contains("/a\\u{1b}[2J/t/0"))
    }
}
