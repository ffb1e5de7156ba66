/// Exit codes, those of BSD's `sysexits.h` where there is one.
enum ExitCode: Int32 {
    /// Stopped on request.
    case stopped = 0
    /// The core that was asked for its health has none.
    case unhealthy = 1
    /// Bad usage or settings, a port that is taken among them.
    case usage = 64
    /// A bug.
    case software = 70
}
