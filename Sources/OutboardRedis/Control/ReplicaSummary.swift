/// One replica as its hash shows it; docs/protocol.md, "Plugins". Names in JSON are the hash's.
package struct ReplicaSummary: Codable, Sendable, Equatable {
    package var id: String
    /// Whether its lease has not ended.
    package var isLive: Bool
    package var state: String
    package var version: String?
    package var host: String?
    package var pid: Int64?
    /// Milliseconds of Redis's clock.
    package var started: Int64?
    /// The lanes that it hears, as `<type>:<lane>`.
    package var lanes: [String]
    package var received: Int64
    package var handled: Int64
    package var failed: Int64
    package var malformed: Int64
    package var missed: Int64
    package var letGo: Int64
    package var lagMilliseconds: Int64
    /// How long half of the events of the last second took, and all but one in a hundred; 0 where none was timed.
    package var p50Microseconds: Int64
    package var p99Microseconds: Int64
    /// Events that were found to take longer than the budget.
    package var slow: Int64
    /// Resident bytes of its process; nil where it does not say.
    package var memory: Int64?
    /// The revision of the configuration that it has acknowledged.
    package var revision: Int64
    /// What is wrong, in the replica's words; nil if nothing is.
    package var error: String?

    private enum CodingKeys: String, CodingKey {
        case id, state, version, host, pid, started, lanes, received, handled, failed, malformed, missed, slow, memory,
            revision, error
        case isLive = "live"
        case letGo = "let_go"
        case lagMilliseconds = "lag_ms"
        case p50Microseconds = "p50_us"
        case p99Microseconds = "p99_us"
    }

    /// - Parameter fields: The replica's hash; empty where it has expired.
    package init(id: String, fields: [String: String], isLive: Bool) {
        func number(_ field: String) -> Int64 { fields[field].flatMap { Int64($0) } ?? 0 }
        self.id = id
        self.isLive = isLive
        state = fields["state"] ?? (fields.isEmpty ? "gone" : "unknown")
        version = fields["version"]
        host = fields["host"]
        pid = fields["pid"].flatMap { Int64($0) }
        started = fields["started"].flatMap { Int64($0) }
        lanes = (fields["lanes"] ?? "").split(separator: " ").map(String.init)
        received = number("received")
        handled = number("handled")
        failed = number("failed")
        malformed = number("malformed")
        missed = number("missed")
        letGo = number("let_go")
        lagMilliseconds = number("lag_ms")
        p50Microseconds = number("p50_us")
        p99Microseconds = number("p99_us")
        slow = number("slow")
        memory = fields["memory"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        revision = number("revision")
        error = fields["error"].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Whether its own hash says that it cannot go on by itself.
    package var hasFailed: Bool { state == ReplicaState.failed.rawValue }

    /// The lanes of one type that it hears.
    package func lanes(of type: String) -> Set<Int> { LaneList.lanes(lanes.joined(separator: " "), type: type) }
}
