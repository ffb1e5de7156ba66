import Outboard
import OutboardTesting
import Testing

@Suite("PluginHarness")
struct PluginHarnessTests {
    private let order = OrderPlaced(total: 40, country: "PT", customer: "ana")

    @Test("counts in three lines")
    func threeLines() throws {
        var harness = PluginHarness(OrderStatistics())
        try harness.handle(OrderPlaced(total: 40, country: "PT", customer: "ana"))
        #expect(harness.total("orders") == 1)
    }

    @Test("answers for every kind of effect of this plugin")
    func everything() throws {
        let evening = try #require(Timestamp("2026-11-20T22:00:00Z"))
        var harness = PluginHarness(OrderStatistics(), now: evening)
        try harness.handle(
            OrderPlaced(total: 40, country: "PT", customer: "ana"),
            OrderPlaced(total: 10, country: "PT", customer: "rui"),
            OrderPlaced(total: 90, country: "DE", customer: "ana"))
        #expect(harness.fields("country") == ["PT": 2, "DE": 1])
        #expect(harness.histogram("total").sum == 140)
        #expect(harness.histogram("total", field: "PT").quantile(1) == 43)
        #expect(harness.elements("customers", on: "2026-11-20") == ["ana", "rui"])
        #expect(harness.undeclared.isEmpty)
    }

    @Test("throws what the plugin throws, and such an event changes nothing")
    func failure() throws {
        var harness = PluginHarness(OrderStatistics())
        #expect(throws: OrderStatistics.WorthNothing.self) {
            try harness.handle(OrderPlaced(total: 0, country: "PT", customer: "ana"))
        }
        #expect(harness.isUnchanged)
        try harness.handle(order)
        #expect(harness.total("orders") == 1)
    }

    @Test("an event more than a day from Redis's clock fails as on the bus")
    func farTime() throws {
        var harness = PluginHarness(OrderStatistics())
        #expect(throws: EffectError.timeOutOfRange(name: "customers")) {
            try harness.handle(order, at: Timestamp(microseconds: 0))
        }
        #expect(harness.isUnchanged)
    }

    @Test("numbers, ranks, extremes and series are there, too; what is not declared is told")
    func otherKinds() throws {
        struct Sampler: Plugin {
            static let manifest = Manifest(
                name: "sampler", version: "1.0.0", summary: "", effects: [.series("orders", per: .day)])

            func effects(of event: Event<OrderPlaced>, into effects: inout Effects) {
                effects.increment("orders", per: .minute)
                effects.increment("orders", per: .day)
                effects.rank("countries", member: event.data.country, by: 3)
                effects.unique("customers", element: event.data.customer)
                effects.maximum("total", event.data.total)
                effects.minimum("total", event.data.total)
            }
        }
        var harness = PluginHarness(Sampler(), now: try #require(Timestamp("2026-11-20T23:15:42Z")))
        try harness.handle(order, OrderPlaced(total: 7, country: "DE", customer: "rui"))
        #expect(harness.series("orders", per: .minute) == ["2026-11-20T23:15:00Z": 2])
        #expect(harness.series("orders", per: .day) == ["2026-11-20T00:00:00Z": 2])
        #expect(harness.scores("countries") == ["PT": 3, "DE": 3])
        #expect(harness.elements("customers") == ["ana", "rui"])
        #expect(harness.maximum("total") == 40 && harness.minimum("total") == 7 && harness.maximum("x") == nil)
        #expect(
            harness.undeclared == [
                "series:orders:minute orders", "rank:countries countries", "unique:customers customers",
                "maximum total", "minimum total",
            ])
    }

    @Test("data goes through JSON: what cannot be written fails here, not on the bus")
    func unwritable() {
        struct Measured: EventPayload {
            static let eventType = "measured"
            var value: Double
        }
        struct Meter: Plugin {
            static let manifest = Manifest(name: "meter", version: "1.0.0", summary: "")
            func effects(of event: Event<Measured>, into effects: inout Effects) { effects.increment("values") }
        }
        var harness = PluginHarness(Meter())
        #expect(throws: EventError.self) { try harness.handle(Measured(value: .infinity)) }
    }
}
