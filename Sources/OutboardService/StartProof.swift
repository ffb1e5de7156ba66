import Outboard
import OutboardRedis
import ServiceLifecycle

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lets the next process of this plugin on this host know whether this one crashed right after its start: it notes the
/// start before anything of the plugin runs, and takes the note away after ten seconds of life or at a clean end.
///
/// Without Redis nothing is noted; that is shown anyway.
struct StartProof: Service {
    private static let pace = Duration.seconds(1)

    /// Nil where the start could not be noted.
    private let watch: StartWatch?

    /// Notes the start.
    init(_ plugin: PluginName, _ bus: BusConfiguration) async {
        watch = try? await StartWatch.begin(plugin, bus, pid: Int(getpid()), isAlive: Self.isAlive)
    }

    private static func isAlive(_ pid: Int) -> Bool {
        // Signal 0 only asks; a process of somebody else's lives, too.
        guard kill(pid_t(truncatingIfNeeded: pid), 0) == 0 || errno == EPERM else { return false }
        // One that has ended keeps its id until its parent has asked how; without /proc that cannot be told.
        guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8) else { return true }
        return stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].dropFirst(2).first != "Z"
    }

    /// Notes each second that the process lives, until it has proven itself or is asked to go.
    func run() async throws {
        guard let watch else { return }
        do {
            try await cancelWhenGracefulShutdown {
                repeat { try await Task.sleep(for: Self.pace) } while try await !isOver(watch)
            }
        } catch is CancellationError {}  // either way nothing is left to note
    }

    private func isOver(_ watch: StartWatch) async throws -> Bool {
        try Task.checkCancellation()
        // Redis may be away; it is told a second later.
        return (try? await watch.beat()) ?? false
    }

    /// The process ends because it was asked to.
    func end() async {
        // What cannot be taken away now goes by itself ten minutes later.
        try? await watch?.end()
    }
}
