import Outboard
import Synchronization

/// The event of `outboard bench`.
struct BenchEvent: EventPayload {
    static let eventType = "bench.event"
    var number: Int
    var text: String
}

/// Counts as request-counter does, and notes how old events are when they come.
struct BenchPlugin: Plugin {
    static let manifest = Manifest(name: "bench", version: "1.0.0", summary: "Measures this bus; see outboard bench.")

    /// Ages in microseconds. Noting them changes no effect, so the handler is still a function of its event.
    let ages: AgeBoard?

    init() { ages = nil }

    init(ages: AgeBoard) { self.ages = ages }

    func effects(of event: Event<BenchEvent>, into effects: inout Effects) {
        effects.increment("events")
        effects.increment("by_number", field: "\(event.data.number % 8)")
        effects.increment("events", per: .minute)
        ages?.note(Timestamp.now.microseconds - event.time.microseconds)
    }
}

/// How many events came, and their ages while somebody wants them.
final class AgeBoard: Sendable {
    private let state = Mutex((ages: [Int64]?.none, handled: UInt64(0)))

    /// Events that the plugin got so far.
    var handled: UInt64 { state.withLock { $0.handled } }

    /// From now on ages are kept.
    func open() { state.withLock { $0.ages = [] } }

    func note(_ age: Int64) {
        state.withLock {
            $0.handled += 1
            $0.ages?.append(age)
        }
    }

    /// What was kept, in order of size; nothing is kept any more.
    func close() -> [Int64] {
        state.withLock { state in
            defer { state.ages = nil }
            return (state.ages ?? []).sorted()
        }
    }
}
