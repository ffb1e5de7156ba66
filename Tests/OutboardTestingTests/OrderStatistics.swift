import Outboard

/// The event of docs/testing.md.
struct OrderPlaced: EventPayload {
    static let eventType = "order.placed"
    var total: Int
    var country: String
    var customer: String
}

/// The plugin of docs/testing.md.
struct OrderStatistics: Plugin {
    struct WorthNothing: Error {}

    static let manifest = Manifest(
        name: "order-statistics", version: "1.0.0", summary: "What was ordered, where, and for how much.",
        effects: [
            .counter("orders"), .family("country"), .histogram("total"), .histograms("total"),
            .unique("customers", per: .day),
        ])

    func effects(of event: Event<OrderPlaced>, into effects: inout Effects) throws {
        guard event.data.total > 0 else { throw WorthNothing() }
        effects.increment("orders")
        effects.increment("country", field: event.data.country)
        effects.observe("total", event.data.total)
        effects.observe("total", field: event.data.country, event.data.total)
        effects.unique("customers", per: .day, element: event.data.customer)
    }
}
