import OutboardRedis

/// What a torture run has shown, as a value: the account of the publishers against the books and counters of the plugin.
struct Certificate: Equatable, Sendable {
    /// How the run was made; the same again repeats its faults.
    struct Settings: Equatable, Sendable {
        var seed: UInt64
        var seconds: Int
        var rate: Int
        var replicas: Int
        var publishers: Int
        /// How many suffer at the same time. If one, nothing may be missed.
        var crowd = FaultPlan.Crowd.many
    }

    /// What was published, by those who published it.
    struct Account: Equatable, Sendable {
        var published: Int64 = 0
        /// Bucket → events that count if nothing is lost.
        var expected: [String: Int64] = [:]
    }

    /// What the plugin counted.
    struct Counters: Equatable, Sendable {
        var requests: Int64 = 0
        /// Bucket → events counted.
        var buckets: [String: Int64] = [:]
    }

    let settings: Settings
    let faults: [FaultKind: Int]
    let account: Account
    let counters: Counters
    let audit: PluginAudit
    /// What else went wrong: a replica that ended by itself, say.
    let problems: [String]

    private func booked(_ book: Book) -> Int64 { audit.sum[book] &+ audit.forgotten[book] }

    var missed: Int64 { booked(.missed) }
    var failed: Int64 { booked(.failed) }
    var handled: Int64 { booked(.handled) }
    /// Events before the plugin's time, or while it was disabled.
    var before: Int64 { booked(.baseline) &+ booked(.skipped) }

    /// Events whose effects came in more than once. Found twice over: a bucket holds more than was published into it,
    /// or the counters hold more than the books say.
    var countedTwice: Int64 {
        let overfull = counters.buckets.reduce(Int64(0)) { sum, bucket in
            sum + max(0, bucket.value - (account.expected[bucket.key] ?? 0))
        }
        return max(overfull, counters.requests - handled, 0)
    }

    /// Events that are neither counted nor booked as anything else.
    var unaccounted: Int64 { account.published - handled - failed - missed - before }

    /// Everything that does not hold, one sentence each.
    var violations: [String] {
        var found = problems
        if !audit.holds { found.append("the books do not balance; see 'outboard audit'") }
        if settings.crowd == .one, missed > 0 {
            found.append("missed \(missed), though only one replica at a time suffered")
        }
        if countedTwice > 0 { found.append("counted twice: \(countedTwice)") }
        if counters.requests < handled {
            found.append("handled \(handled), but only \(counters.requests) are in the counters")
        }
        let inBuckets = counters.buckets.values.reduce(0, +)
        if inBuckets != counters.requests {
            found.append("counter requests is \(counters.requests), but the routes add up to \(inBuckets)")
        }
        if unaccounted != 0 {
            found.append("published \(account.published), accounted for \(account.published - unaccounted)")
        }
        for (source, entry) in audit.sources.sorted(by: { $0.key < $1.key }) where entry.published != entry[.applied] {
            let record = entry.published.map(String.init) ?? "absent"
            found.append("\(source): the record is \(record), the fence \(entry[.applied])")
        }
        return found
    }

    var holds: Bool { violations.isEmpty }

    /// The command that does the same again.
    var command: String {
        "outboard torture --seed \(settings.seed) --seconds \(settings.seconds) --rate \(settings.rate) "
            + "--replicas \(settings.replicas) --publishers \(settings.publishers)"
            + (settings.crowd == .one ? " --one-at-a-time" : "")
    }
}
