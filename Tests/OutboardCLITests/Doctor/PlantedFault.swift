import Testing

/// Something that is wrong with a bus, and what `outboard doctor` must say of it.
struct PlantedFault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Planted on a healthy bus.
    let plant: [[String]]
    let verdict: String
    /// Parts of the lines that tell what was found and how to mend it.
    let found, mend: String
    var environment: [String: String] = [:]

    private init(
        _ name: String, _ plant: [[String]], _ verdict: String, found: String, mend: String,
        environment: [String: String] = [:]
    ) {
        testDescription = name
        self.plant = plant
        self.verdict = verdict
        self.found = found
        self.mend = mend
        self.environment = environment
    }

    private static let key = PlantedBus.key
    private static let hash = key + "replica:" + PlantedBus.replica
    private static let publisher = "core-0123456789abcdef"

    static let all = [
        PlantedFault(
            "a full Redis would evict", [["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]], "fail",
            found: "maxmemory-policy is allkeys-lru", mend: "CONFIG SET maxmemory-policy noeviction"),
        PlantedFault(
            "nothing is kept on disk", [["CONFIG", "SET", "appendonly", "no"]], "warn", found: "appendonly is off",
            mend: "CONFIG SET appendonly yes"),
        PlantedFault(
            "small buffers", [["CONFIG", "SET", "client-output-buffer-limit", "pubsub 65536 0 0"]], "warn",
            found: "client-output-buffer-limit pubsub is 65536 0", mend: "pubsub 33554432 8388608 60"),
        PlantedFault(
            "a user who was denied a key",
            [
                ["ACL", "SETUSER", "mallory", "on", "nopass", "+get"],
                ["--user", "mallory", "--pass", "x", "GET", "k"],
            ],
            "fail", found: "user 'mallory' may not use the key 'k' (NOPERM)", mend: "ACL SETUSER mallory ~k"),
        PlantedFault(
            "another number of lanes here", [], "fail", found: "OUTBOARD_LANES is 16 here, the bus has 2",
            mend: "set OUTBOARD_LANES=2", environment: ["OUTBOARD_LANES": "16"]),
        PlantedFault(
            "no number of lanes", [["HSET", "outboard:bus", "lanes", "many"]], "fail",
            found: "the bus has 'many' lanes",
            mend: "HSET"),
        PlantedFault(
            "the set of plugins is a string", [["DEL", "outboard:plugins"], ["SET", "outboard:plugins", "x"]], "fail",
            found: "outboard:plugins is a string, not a set", mend: "RENAME outboard:plugins"),
        PlantedFault(
            "a publisher beyond the lanes", [["HSET", "outboard:publisher:\(publisher)", "http.request/9", "1"]],
            "fail",
            found: "publisher \(publisher) uses http.request/9, the bus has only 2 lanes", mend: "OUTBOARD_LANES=2"),
        PlantedFault(
            "a publisher that dropped", [["HSET", "outboard:publisher:\(publisher)", "dropped", "7"]], "warn",
            found: "\(publisher) has dropped 7 events", mend: "OUTBOARD_BUFFER_BYTES"),
        PlantedFault(
            "a record of the wrong type", [["SET", "outboard:publisher:\(publisher)", "x"]], "fail",
            found: "outboard:publisher:\(publisher) is a string, not a hash", mend: "RENAME"),
        PlantedFault(
            "no manifest", [["DEL", key + "manifest"]], "fail", found: "it has no manifest that can be read",
            mend: "start a replica"),
        PlantedFault(
            "an old protocol", [["SET", key + "manifest", #"{"protocol":0,"subscribes":["http.request"]}"#]], "fail",
            found: "it speaks protocol 0, this bus 1", mend: "update that service"),
        PlantedFault(
            "no replica", [["DEL", key + "replicas:http.request"]], "warn", found: "no replica lives", mend: "start one"
        ),
        PlantedFault(
            "a replica without a lease", [["ZADD", key + "replicas:http.request", "1", PlantedBus.replica]], "warn",
            found: "replica \(PlantedBus.replica) has no lease any more", mend: "see its log"),
        PlantedFault(
            "a failed replica", [["HSET", hash, "state", "failed", "error", "Redis is full"]], "fail",
            found: "replica \(PlantedBus.replica) has failed: Redis is full", mend: "mend what it names"),
        PlantedFault(
            "malformed messages", [["HSET", hash, "malformed", "3"]], "warn", found: "has met 3 malformed messages",
            mend: "its log says of which source"),
        PlantedFault(
            "a replica that let go", [["HSET", hash, "let_go", "5"]], "warn", found: "let go of 5 events",
            mend: "start more replicas"),
        PlantedFault(
            "a slow replica", [["HSET", hash, "lag_ms", "61000"]], "warn", found: "is 1 min behind",
            mend: "start more replicas"),
        PlantedFault(
            "a replica behind the operator", [["HSET", key + "control", "revision", "4"]], "warn",
            found: "acknowledges revision 0, the operator's is 4", mend: "see its log"),
        PlantedFault(
            "a control hash that means nothing", [["HSET", key + "control", "state", "paused"]], "fail",
            found: "state 'paused' is neither enabled nor disabled", mend: "HDEL"),
        PlantedFault(
            "a lane that no replica hears", [["HSET", hash, "lanes", "http.request:0"]], "fail",
            found: "no live replica hears 1 lane of http.request: 1", mend: "restart its replicas"),
        PlantedFault(
            "a book of the wrong type", [["DEL", key + "missed"], ["SET", key + "missed", "x"]], "fail",
            found: "\(key)missed is a string, not a hash", mend: "RENAME \(key)missed"),
        PlantedFault(
            "books that do not balance", [["HSET", key + "handled", PlantedBus.source, "13"]], "fail",
            found: "handled 13 + missed 1 = 14, but applied is 12", mend: "outboard audit request-counter"),
        PlantedFault(
            "effects that were rejected", [["HSET", key + "rejected", "counters:route", "2"]], "warn",
            found: "effects of 2 events on 'counters:route' could not be applied", mend: "that key has another type"),
    ]
}
