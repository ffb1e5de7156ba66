/// Lets one message a second through and counts the others.
struct LogSampler {
    private var next: Int64 = .min
    private var skipped = 0

    /// Calls `log` with the number of messages that were held back since the last one.
    mutating func sample(now: Int64, _ log: (Int) -> Void) {
        guard now >= next else { return skipped += 1 }
        next = now + 1_000
        log(skipped)
        skipped = 0
    }
}
