import Outboard
import OutboardTesting
import Testing

@testable import Errors

@Suite("errors")
struct ErrorsTests {
    @Test("counts 4xx and 5xx apart: in all, by route, by minute, by status")
    func counts() throws {
        var harness = PluginHarness(Errors())
        let time = try #require(Timestamp("2026-11-20T23:15:42Z"))
        harness.now = time
        for status in [200, 302, 399, 400, 499, 500, 599, 600] { try harness.handle(.fixture(status: status)) }
        try harness.handle(.fixture(route: nil, status: 404))
        #expect(harness.total("client_errors") == 3 && harness.total("server_errors") == 2)
        #expect(harness.fields("client_errors") == ["/hello": 2, "(unmatched)": 1])
        #expect(harness.fields("server_errors") == ["/hello": 2])
        #expect(harness.series("client_errors", per: .minute) == ["2026-11-20T23:15:00Z": 3])
        #expect(harness.series("server_errors", per: .minute) == ["2026-11-20T23:15:00Z": 2])
        #expect(harness.fields("status") == ["400": 1, "404": 1, "499": 1, "500": 1, "599": 1])
        #expect(harness.undeclared == [])
    }

    @Test(
        "leaves out what its settings say is no error",
        arguments: [
            (Errors.Configuration(clientErrors: false), ["500": 1]),
            (Errors.Configuration(serverErrors: false), ["404": 1, "410": 1]),
            (Errors.Configuration(notErrors: [404, 500]), ["410": 1]),
        ])
    func settings(configuration: Errors.Configuration, statuses: [String: Int]) throws {
        var harness = PluginHarness(Errors())
        harness.plugin.configuration = configuration
        try harness.handle(.fixture(status: 404), .fixture(status: 410), .fixture(status: 500))
        #expect(harness.fields("status") == statuses)
    }
}
