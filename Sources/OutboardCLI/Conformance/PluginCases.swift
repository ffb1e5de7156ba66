/// What a plugin must do, in any language: docs/protocol.md, case by case. Each has a Redis and a process of its own.
///
/// Whatever else a plugin may count, one that is tried here raises the counter `requests` by one for each
/// `http.request`, and the family `status` by one for the status of the response.
enum PluginCases {
    /// Without it there is no name by which anything else could be found.
    static let first = ConformanceCase(
        "registers", "its name is in the set of plugins, beside a manifest of protocol 1", registers)

    static let all: [ConformanceCase<PluginStage>] = [
        first,
        ConformanceCase("lease", "it takes a lease, renews it, and shows its replica's hash", lease),
        ConformanceCase("lanes", "it hears every lane, and lists them", lanes),
        ConformanceCase("one", "an event counts", one),
        ConformanceCase("batch", "the events of an array count", batch),
        ConformanceCase("many", "two publishers, all lanes, single events and arrays: each counts", many),
        ConformanceCase("duplicates", "what comes again changes nothing", duplicates),
        ConformanceCase(
            "malformed", "what is no event moves nothing, ends nothing, and spoils no neighbour", malformed),
        ConformanceCase("absurd", "a number far beyond the record is no hole of a million", absurd),
        ConformanceCase("forms", "any order, unknown attributes, whitespace and escapes are read", forms),
        ConformanceCase("failed", "an event with a number and no usable time or data is booked as failed", failed),
        ConformanceCase("hole", "what others have overtaken is booked as missed, late ones change nothing", hole),
        ConformanceCase("tail", "what only the record knows of is booked as missed", tail),
        ConformanceCase("newcomer", "a publisher that starts later begins at 1, heard or not", newcomer),
        ConformanceCase("baseline", "what was published before the plugin's time is its baseline", baseline),
        ConformanceCase("killed", "kill -9 and a new start: nothing twice, and the books balance", killed),
        ConformanceCase("two", "two of it count each event once, and go on when one is killed", two),
        ConformanceCase("sigterm", "SIGTERM: all it heard is applied, the lease ends, exit code 0 within 8 s", sigterm),
        ConformanceCase("reconnect", "connections that are cut come back, and the books balance", reconnect),
    ]
}
