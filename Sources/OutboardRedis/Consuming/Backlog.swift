/// What a replica has handled and Redis has not yet confirmed, in bytes of kept messages, and what follows from it.
///
/// ```text
///   read ──▶ [ open: the present batch ] ──seal──▶ [ sealed: on its way ] ──applied──▶ gone
///              much: flush at once          both together much: read no further
/// ```
///
/// A replica that reads on while its effects wait would have to let events go in the end. One that stops reading leaves
/// them where they are, with the kernel and with Redis, which cuts it off at a limit of its own.
struct Backlog: Equatable {
    struct Limits: Sendable, Equatable {
        /// From here on the present batch does not wait for the time of its flush.
        var flushBytes = 8 << 20
        /// From here on nothing more is read; half of what a replica may keep in all.
        var stopBytes = 32 << 20
        /// Down to here it stays so, lest every applied group starts a new stop.
        var goOnBytes = 16 << 20
    }

    let limits: Limits
    private(set) var open = 0
    private(set) var sealed = 0

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    mutating func keep(_ bytes: Int) { open += bytes }

    mutating func seal() {
        sealed += open
        open = 0
    }

    /// A sealed group was applied, or is taken again.
    mutating func release(_ bytes: Int) { sealed -= bytes }

    /// Whether the present batch should go now.
    var isDue: Bool { open >= limits.flushBytes }

    func mayRead(isReading: Bool) -> Bool {
        open + sealed < (isReading ? limits.stopBytes : limits.goOnBytes)
    }
}
