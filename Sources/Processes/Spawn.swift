import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Starts programs on a leash.
///
/// The program runs in a process group of its own, so a Ctrl-C at the terminal reaches only us, and beside a companion
/// shell in that group. The companion waits for the end of a pipe whose other end only this process holds: however we
/// die, the kernel closes it, and the companion kills the group. (Linux's `PR_SET_PDEATHSIG` will not do: it follows
/// the *thread* that started the program, and threads of a pool come and go.)
enum Spawn {
    /// Runs in `/bin/sh` with the program as `$0`; turns into the program, so its process id is the shell's.
    private static let leash = """
        exec 3<&0
        (read -r _; kill -KILL -$$) <&3 3<&- >/dev/null 2>&1 &
        exec "$0" "$@" 3<&- </dev/null
        """

    /// Signals that we ignore in order to see them otherwise; a program starts with their defaults.
    private static let ownSignals = [SIGINT, SIGTERM, SIGHUP, SIGPIPE]

    /// A started program and our ends of its pipes.
    struct Started {
        /// Its process id and that of its group.
        let pid: pid_t
        /// Closed by the kernel when we die.
        let leash: Int32
        /// Its standard output and error.
        let output: Int32
    }

    /// Held from the making of pipes until they are marked: no program started meanwhile may inherit them, it would
    /// hold another's leash.
    private static let gate = Mutex(())

    static func start(_ command: Command) throws(SpawnError) -> Started {
        let environment = ProcessInfo.processInfo.environment.merging(command.environment) { $1 }
        return try gate.withLock { (_) throws(SpawnError) in
            try start(command, environment: environment.map { "\($0.key)=\($0.value)" })
        }
    }

    private static func start(_ command: Command, environment: [String]) throws(SpawnError) -> Started {
        let input: (read: Int32, write: Int32)
        let output: (read: Int32, write: Int32)
        do {
            input = try makePipe()
            output = try makePipe()
        } catch { throw SpawnError(executable: command.executable, reason: error.reason) }
        defer {
            close(input.read)
            close(output.write)
        }
        do {
            let pid = try spawn(command, environment: environment, input: input.read, output: output.write)
            return Started(pid: pid, leash: input.write, output: output.read)
        } catch {
            close(input.write)
            close(output.read)
            throw error
        }
    }

    private static func spawn(
        _ command: Command, environment: [String], input: Int32, output: Int32
    ) throws(SpawnError) -> pid_t {
        guard access(command.executable, X_OK) == 0 else {
            throw SpawnError(executable: command.executable, reason: errno)
        }
        #if os(Linux)
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #else
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO)

        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in ownSignals { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        var blocked = sigset_t()
        sigemptyset(&blocked)
        posix_spawnattr_setsigmask(&attributes, &blocked)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = Int32(POSIX_SPAWN_SETPGROUP) | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        let words = ["/bin/sh", "-c", leash, command.executable] + command.arguments
        var pid: pid_t = 0
        let result = withCStrings(words) { arguments in
            withCStrings(environment) { posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, $0) }
        }
        // Neither array of strings is empty, so both have an address.
        guard case .some(.some(0)) = result else {
            throw SpawnError(executable: command.executable, reason: (result ?? nil) ?? EINVAL)
        }
        return pid
    }

    /// Lends C copies of strings, with the null pointer at the end that C wants.
    private static func withCStrings<R>(
        _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R? {
        var copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) }
    }
}
