import Hummingbird
import HummingbirdTesting
import OutboardRedis
import Testing

@testable import OutboardHTTP

@Suite("AdminSite", .timeLimit(.minutes(1)))
struct AdminSiteTests {
    private func get(
        _ uri: String, isServing: Bool = true, connected: Bool = true, redisIsDown: Bool = false
    ) async throws -> TestResponse {
        var counts = EventRecorder.Counts()
        counts.byStatusClass[2] = 41
        let requests = counts
        let site = AdminSite(
            .init(
                version: "1.2.3", isServing: { isServing }, requests: { requests },
                bus: { BusStatistics(accepted: 5, acknowledged: 4, dropped: 1, buffered: 3, connected: connected) },
                directory: StubDirectory(isDown: redisIsDown)))
        let router = site.router()
        return try await Application(router: router).test(.live) { client in
            try await client.execute(uri: uri, method: .get)
        }
    }

    @Test("is live always, ready while it serves, with or without Redis")
    func health() async throws {
        #expect(try await get("/health/live", isServing: false).status == .ok)
        let ready = try await get("/health/ready", connected: false)
        #expect(ready.status == .ok && String(buffer: ready.body).contains("\"bus\" : \"disconnected\""))
        #expect(try await get("/health/ready", isServing: false).status == .serviceUnavailable)
    }

    @Test("tells Prometheus, one value a line")
    func metrics() async throws {
        let response = try await get("/metrics")
        #expect(response.headers[.contentType] == "text/plain; version=0.0.4; charset=utf-8")
        let lines = String(buffer: response.body).split(separator: "\n")
        for expected in [
            "outboard_http_requests_total{status=\"2xx\"} 41", "outboard_events_accepted_total 5",
            "outboard_events_acknowledged_total 4", "outboard_events_dropped_total 1", "outboard_events_buffered 3",
            "outboard_bus_connected 1", "outboard_build_info{version=\"1.2.3\"} 1",
        ] {
            #expect(lines.contains { $0 == expected })
        }
        let named = lines.filter { !$0.hasPrefix("#") }.compactMap { $0.split { $0 == " " || $0 == "{" }.first }
        for name in named { #expect(lines.contains { $0.hasPrefix("# TYPE \(name) ") }) }
    }

    @Test("lists plugins and their counters")
    func plugins() async throws {
        let list = String(buffer: try await get("/api/plugins").body)
        #expect(list.contains("\"name\" : \"counter\"") && list.contains("\"replicas\" : 2"))
        let counters = String(buffer: try await get("/api/plugins/counter/counters").body)
        #expect(counters.contains("\"requests\" : 9007199254740993") && counters.contains("\"200\" : 7"))
    }

    @Test(
        "answers with a problem document",
        arguments: [
            ("/api/plugins/other/counters", false, 404), ("/api/plugins/No-Name/counters", false, 404),
            ("/nowhere", false, 404), ("/api/plugins", true, 503), ("/api/plugins/counter/counters", true, 503),
        ])
    func problems(uri: String, redisIsDown: Bool, status: Int) async throws {
        let response = try await get(uri, redisIsDown: redisIsDown)
        #expect(response.status.code == status)
        #expect(response.headers[.contentType] == "application/problem+json")
        #expect(String(buffer: response.body).contains("\"status\":\(status)"))
    }
}
