/// How long to wait before a program that ended is started again.
///
/// The wait doubles from a quarter of a second to 10 s, less up to half of it at random, so that programs that fell
/// together do not return together. A run of 30 s counts as a success and starts the count anew.
struct RestartRule {
    /// What to do after an end.
    struct Restart: Equatable {
        let delay: Duration
        /// It ends again and again, so that something is wrong with it.
        let isLoop: Bool
    }

    static let first = Duration.milliseconds(250)
    static let longest = Duration.seconds(10)
    static let success = Duration.seconds(30)
    private var failures = 0

    /// - Parameter chance: A random number from 0 to 1.
    mutating func restart(afterRunning time: Duration, chance: Double) -> Restart {
        if time >= Self.success { failures = 0 }
        let full = min(Self.longest, Self.first * (1 << min(failures, 10)))
        failures += 1
        return Restart(delay: full * (0.5 + chance / 2), isLoop: full == Self.longest)
    }
}
