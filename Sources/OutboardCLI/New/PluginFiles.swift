/// What `outboard new` writes for a plugin: its code, its test and what says how to use them, as text.
///
/// `Examples/HelloPlugin` is what this writes for `hello`; a test holds one against the other, and CI builds it.
struct PluginFiles {
    let plugin: NewPlugin

    private var name: String { plugin.name }
    private var type: String { plugin.type }

    /// The plugin itself.
    var source: String {
        """
        import Outboard
        import OutboardService

        /// Counts requests by path. Say here what yours is for.
        @main
        struct \(type): Plugin {
            static let manifest = Manifest(
                name: "\(name)", version: "0.1.0",
                summary: "Counts requests by path.",
                effects: [.counter("requests"), .family("path"), .series("requests", per: .minute)])

            // What an operator may change: any Codable fields, each with a default.
            struct Configuration: PluginConfiguration {
                /// Whether requests are counted per minute, too.
                var perMinute = true
            }

            var configuration = Configuration()

            // A function from an event to effects. It has no other side effect, so it may run twice and still counts once.
            func effects(of event: Event<HTTPRequest>, into effects: inout Effects) throws {
                effects.increment("requests")
                effects.increment("path", field: event.data.path)
                if configuration.perMinute { effects.increment("requests", per: .minute) }
            }
        }

        """
    }

    /// Its test, as a function and on a real bus.
    var test: String {
        """
        import Outboard
        import OutboardTesting
        import Testing

        @testable import \(type)

        @Suite("\(name)")
        struct \(type)Tests {
            private let request = HTTPRequest(method: "GET", path: "/hello", status: 200, requestID: "1")

            @Test("counts requests by path")
            func counts() throws {
                var harness = PluginHarness(\(type)())
                try harness.handle(request, request)
                #expect(harness.total("requests") == 2)
                #expect(harness.fields("path") == ["/hello": 2])
                #expect(harness.undeclared == [])
            }

            @Test("leaves the series out where it is told to")
            func withoutSeries() throws {
                var harness = PluginHarness(\(type)())
                harness.plugin.configuration.perMinute = false
                try harness.handle(request)
                #expect(harness.series("requests", per: .minute).isEmpty)
            }

            @Test("counts each request once on a real bus", .enabled(if: ThrowawayBus.isAvailable, "needs redis-server"))
            func onBus() async throws {
                let request = request
                try await ThrowawayBus.run(\(type)()) { bus in
                    for _ in 1...100 { try bus.publish(request) }
                    try await bus.settled()
                    #expect(try await bus.counter("requests") == 100)
                }
            }
        }

        """
    }

    /// What it hears, writes and takes.
    ///
    /// - Parameter usage: How it is built and run.
    func readme(usage: String) -> String {
        """
        # \(name)

        Counts requests by path.

        | | |
        | --- | --- |
        | hears | `http.request` |
        | writes | `outboard:{\(name)}:counters` (field `requests`) |
        | | `outboard:{\(name)}:counters:path` (a field a path) |
        | | `outboard:{\(name)}:series:requests:minute:<yyyy-mm-dd>` (a field a minute, kept 14 days) |
        | settings | `perMinute` (`true`): write the series, too. `OUTBOARD_PLUGIN_CONFIG='{"perMinute": false}'` |

        \(usage)

        """
    }
}
