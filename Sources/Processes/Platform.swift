#if canImport(Glibc)
    package import Glibc
#elseif canImport(Musl)
    package import Musl
#else
    package import Darwin
#endif

/// The system's words for an `errno` value.
package func systemText(_ code: Int32) -> String { String(cString: strerror(code)) }

/// `kill` under a name that methods called `kill` do not hide.
package func sendSignal(_ signal: Int32, to pid: pid_t) { _ = kill(pid, signal) }

/// Both ends of a new pipe; programs started later do not inherit them.
func makePipe() throws(PipeError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw PipeError(reason: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
}

/// No pipe could be made; the reason is an `errno` value.
struct PipeError: Error {
    let reason: Int32
}
