import Outboard
import OutboardRedis
import RedisClient

/// What a plugin has written: its books in sum and the two counters that every plugin under test keeps.
struct PluginAccount: Equatable, Sendable {
    /// The counter that each handled event raises by one.
    static let counter = "requests"
    /// The family that each handled event raises by one, by its status.
    static let family = "status"

    private(set) var books: [Book: Int64] = [:]
    private(set) var inFlight: Int64 = 0
    private(set) var requests: Int64 = 0
    private(set) var statuses: [String: Int64] = [:]
    /// What does not balance.
    private(set) var problems: [String] = []

    subscript(_ book: Book) -> Int64 { books[book] ?? 0 }

    /// Nothing written yet.
    init() {}

    init(of plugin: PluginName, on bus: ConformanceBus) async throws {
        let audit = PluginAudit(try await BookReader(names: bus.names, redis: bus.connection).books(of: plugin))
        books = audit.sum.books.filter { $0.value != 0 }
        inFlight = audit.inFlight
        problems =
            audit.wrong.map { "\($0.source): \($0.imbalance)" } + audit.damages.map { "\($0.place) \($0.problem)" }
        let counter = try await bus.send("HGET", bus.names.counters(plugin), Self.counter).stringOrNil()
        requests = counter.map { Int64($0) ?? -1 } ?? 0
        statuses = try await bus.hash(bus.names.counterFamily(plugin, Self.family)).mapValues { Int64($0) ?? -1 }
    }

    /// What counts must be what is booked as handled.
    var isConsistent: Bool {
        problems.isEmpty && requests == self[.handled] && statuses.values.reduce(0, +) == requests
    }

    var text: String {
        let booked = Book.allCases.filter { books[$0] != nil }.map { "\($0.rawValue) \(self[$0])" }
        let counted = statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        return
            (booked + [
                "in flight \(inFlight)", "counters requests \(requests)", "counters:status {\(counted)}",
            ] + problems).joined(separator: ", ")
    }
}
