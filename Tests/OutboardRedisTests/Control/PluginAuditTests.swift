import Outboard
import Testing

@testable import OutboardRedis

@Suite("PluginAudit")
struct PluginAuditTests {
    private let source = "/core-0123456789abcdef/http.request/3"

    private func audit(_ numbers: [Book: Int64], published: Int64? = nil) throws -> PluginAudit {
        var books = PluginBooks(plugin: try PluginName("p"))
        for (book, number) in numbers { books.books[book] = [source: number] }
        if let published { books.published[source] = published }
        return PluginAudit(books)
    }

    @Test("holds where all books but the fence add up to the fence")
    func holds() throws {
        let audit = try audit([.applied: 15, .handled: 7, .failed: 1, .missed: 2, .skipped: 2, .baseline: 3])
        #expect(audit.holds)
        #expect(audit.wrong.isEmpty)
        #expect(audit.sum.holds)
    }

    @Test("does not hold when any single book is off by one", arguments: Book.allCases)
    func everyBookCounts(book: Book) throws {
        var numbers: [Book: Int64] = [.applied: 15, .handled: 7, .failed: 1, .missed: 2, .skipped: 2, .baseline: 3]
        numbers[book, default: 0] += 1
        #expect(try !audit(numbers).holds)
    }

    @Test("does not let one source make up for another")
    func perSource() throws {
        var books = PluginBooks(plugin: try PluginName("p"))
        books.books = [.applied: ["/a/t/0": 5, "/a/t/1": 5], .handled: ["/a/t/0": 6, "/a/t/1": 4]]
        let audit = PluginAudit(books)
        #expect(audit.sum.holds)
        #expect(!audit.holds)
        #expect(audit.wrong.map(\.source) == ["/a/t/0", "/a/t/1"])
        #expect(audit.wrong[0].imbalance == "handled 6 = 6, but applied is 5")
    }

    @Test("sees books without a fence, and a fence without books")
    func halves() throws {
        #expect(try audit([.handled: 3]).wrong.map(\.imbalance) == ["handled 3 = 3, but applied is absent"])
        #expect(try audit([.applied: 3]).wrong.map(\.imbalance) == ["nothing is booked, but applied is 3"])
        #expect(try audit([.applied: 0]).holds)
    }

    @Test("calls in flight what is published and not dealt with; never less than nothing")
    func inFlight() throws {
        #expect(try audit([.applied: 3, .handled: 3], published: 10).inFlight == 7)
        // A record is up to 50 ms behind what was heard.
        let behind = try audit([.applied: 3, .handled: 3], published: 1)
        #expect(behind.inFlight == 0)
        #expect(behind.holds)
        // Published and heard by nobody yet: a source with a record and no fence.
        let new = try audit([:], published: 4)
        #expect(new.inFlight == 4)
        #expect(new.holds)
        #expect(new.sum.published == 4)
    }

    @Test("counts what is forgotten by the same rule")
    func forgotten() throws {
        var books = PluginBooks(plugin: try PluginName("p"))
        books.forgotten = [.applied: 9, .handled: 8, .missed: 1]
        #expect(PluginAudit(books).holds)
        books.forgotten[.missed] = 2
        #expect(!PluginAudit(books).holds)
    }

    @Test("survives numbers that do not fit: planted ones")
    func overflow() throws {
        let audit = try audit([.applied: .max, .handled: .max, .missed: .max], published: .max)
        #expect(!audit.holds)
        #expect(audit.wrong.count == 1)
        #expect(audit.sum[.applied] == .max)
        var books = PluginBooks(plugin: try PluginName("p"))
        books.books[.applied] = ["/a/t/0": .max, "/a/t/1": .max]
        #expect(PluginAudit(books).sum[.applied] == .max)
    }

    @Test("does not hold when something could not be read")
    func damage() throws {
        var books = PluginBooks(plugin: try PluginName("p"))
        books.damages = [PluginBooks.Damage(place: "key", problem: "is a list", mend: "delete it")]
        #expect(!PluginAudit(books).holds)
    }
}
