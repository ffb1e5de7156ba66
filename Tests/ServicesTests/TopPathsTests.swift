import Outboard
import OutboardTesting
import Testing

@testable import TopPaths

@Suite("top-paths")
struct TopPathsTests {
    @Test("ranks what was answered well, without queries")
    func ranks() throws {
        var harness = PluginHarness(TopPaths())
        try harness.handle(
            .fixture("/a", query: "q=1"), .fixture("/a", query: "q=2"), .fixture("/b", status: 399),
            .fixture("/c", status: 400), .fixture("/c", status: 503))
        #expect(harness.scores("paths") == ["/a": 2, "/b": 1])
        #expect(harness.undeclared == [])
    }

    @Test("ranks other answers, and queries apart, where it is told to")
    func settings() throws {
        var harness = PluginHarness(TopPaths())
        harness.plugin.configuration = .init(minimumStatus: 404, maximumStatus: 404, withQuery: true)
        try harness.handle(
            .fixture("/a", status: 404, query: "q=1"), .fixture("/a", status: 404, query: ""), .fixture("/a"))
        #expect(harness.scores("paths") == ["/a?q=1": 1, "/a": 1])
    }
}
