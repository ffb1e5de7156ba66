/// The last start of a plugin's process on one host, as long as that process has not proven itself: whoever starts there
/// next learns from it that its predecessor crashed, also where nobody but a supervisor has seen that end.
///
/// The record goes with a clean end, or when its process has lived for ten seconds. Where it is still there at the next
/// start and its process is not, that was a crash. Three in a row are a crash loop.
package struct StartRecord: Codable, Sendable, Equatable {
    /// Milliseconds after which a process has proven itself; Docker takes a start for a success then, too.
    package static let proof: Int64 = 10_000
    /// Crashes in a row from which on the plugin is shown as failed.
    package static let limit = 3
    /// Milliseconds that a record is remembered: longer than supervisors wait before another start (Kubernetes 5 min).
    static let memory: Int64 = 600_000

    /// Of the process, in its container.
    package var pid: Int
    /// Milliseconds of Redis's clock.
    package var started: Int64
    /// When the process was last there; written each second.
    package var seen: Int64
    /// How many processes before it ended without a clean end, in a row.
    package var crashes: Int
    /// How many milliseconds the last of these was seen to live; nil where there is none.
    package var lived: Int64?
}

extension StartRecord {
    /// The record of a process that starts.
    ///
    /// - Parameters:
    ///   - predecessor: The record that is there; nil if none is.
    ///   - isAlive: Whether there is another process with this id.
    package init(pid: Int, now: Int64, after predecessor: StartRecord?, isAlive: (Int) -> Bool) {
        self.init(pid: pid, started: now, seen: now, crashes: 0)
        guard let predecessor, now - predecessor.seen < Self.memory else { return }
        (crashes, lived) = (predecessor.crashes, predecessor.lived)
        // In a container every process has the same id: that of a predecessor is ours.
        if predecessor.pid != pid, isAlive(predecessor.pid) { return }
        crashes += 1
        lived = max(0, predecessor.seen - predecessor.started)
    }
}

/// A plugin whose processes on one host end again and again right after their start.
package struct CrashLoop: Codable, Sendable, Equatable {
    package var host: String
    /// How many in a row.
    package var crashes: Int
    /// How long the last one was seen to live, to the second.
    package var livedMilliseconds: Int64

    private enum CodingKeys: String, CodingKey {
        case host, crashes
        case livedMilliseconds = "lived_ms"
    }

    /// Nil where a record shows no loop, or nobody has tried again for a long time.
    init?(host: String, _ record: StartRecord, now: Int64) {
        guard record.crashes >= StartRecord.limit, now - record.seen < StartRecord.memory else { return nil }
        (self.host, crashes, livedMilliseconds) = (host, record.crashes, record.lived ?? 0)
    }

    /// `crashed 3 times in a row on web-1, each within 10 s of its start; the last lived less than 1 s`
    package var text: String {
        let life = livedMilliseconds < 1_000 ? "less than 1 s" : "about \(livedMilliseconds / 1_000) s"
        return "crashed \(crashes) times in a row on \(host), each within \(StartRecord.proof / 1_000) s of its start; "
            + "the last lived \(life)"
    }
}
