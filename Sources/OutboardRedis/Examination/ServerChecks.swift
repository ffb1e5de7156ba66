import RedisClient

/// Judges a Redis as the bus needs it. Pure: facts in, findings out.
struct ServerChecks {
    private static let oldest = (major: 6, minor: 2)
    private static let smallestBuffer: Int64 = 32 << 20
    /// A denial of the last minutes is going on.
    private static let recent: Int64 = 300
    private static let remembered: Int64 = 3_600
    private static let megabyte: Int64 = 1 << 20

    private let facts: ServerFacts

    init(_ facts: ServerFacts) {
        self.facts = facts
    }

    var findings: [Finding] {
        server + memory + disk + buffers + [clock] + permissions
            + [.ok("hiredis", "\(HiredisVersion.text), the version this program was built with")]
    }

    private func number(_ field: String) -> Int64? { facts.info?[field].flatMap { Int64($0) } }

    // MARK: Server

    private var server: [Finding] {
        guard let info = facts.info else { return [] }
        let version = info["redis_version"] ?? "of unknown version"
        var findings: [Finding] = []
        let parts = version.split(separator: ".").compactMap { Int($0) }
        if parts.count >= 2, (parts[0], parts[1]) < Self.oldest {
            findings.append(
                .fail(
                    "redis", "Redis \(version) at \(facts.place) is older than 6.2",
                    mend: "update the server; 7.0 and later are tested"))
        }
        if info["role"] == "slave" {
            findings.append(
                .fail(
                    "redis",
                    "\(facts.place) is a replica of \(info["master_host"] ?? "another server"), it takes no writes",
                    mend: "point OUTBOARD_REDIS_URL at the master"))
        }
        return findings.orOK("redis", "Redis \(version) at \(facts.place)")
    }

    private var memory: [Finding] {
        guard facts.info != nil else { return [] }
        var findings: [Finding] = []
        let policy = facts.info?["maxmemory_policy"] ?? "unknown"
        if policy != "noeviction" {
            findings.append(
                .fail(
                    "memory", "maxmemory-policy is \(policy): a full Redis throws away books and counters",
                    mend: "CONFIG SET maxmemory-policy noeviction, then CONFIG REWRITE"))
        }
        if let evicted = number("evicted_keys"), evicted > 0 {
            findings.append(
                .fail(
                    "memory", "\(ShortText.counted(evicted, "key")) were evicted since the server's start",
                    mend: "set noeviction and give it more memory; 'outboard audit' shows which books are incomplete"))
        }
        let (used, most) = (number("used_memory") ?? 0, number("maxmemory") ?? 0)
        if most > 0, used > most / 10 * 9 {
            findings.append(
                .warn(
                    "memory", "\(used / Self.megabyte) MiB of \(most / Self.megabyte) MiB are used, it is nearly full",
                    mend: "CONFIG SET maxmemory to more, or find large keys with redis-cli --bigkeys"))
        }
        let limit = most > 0 ? "\(most / Self.megabyte) MiB" : "no limit"
        return findings.orOK("memory", "noeviction, \(used / Self.megabyte) MiB used, \(limit)")
    }

    private var disk: [Finding] {
        guard let enabled = facts.info?["aof_enabled"] else { return [] }
        var findings: [Finding] = []
        if enabled != "1" {
            findings.append(
                .warn(
                    "disk", "appendonly is off: a restart of Redis takes books and counters back",
                    mend: "CONFIG SET appendonly yes, then CONFIG REWRITE"))
        }
        if let status = facts.info?["aof_last_write_status"], status != "ok" {
            findings.append(
                .fail(
                    "disk", "the last write of the append-only file ended with '\(status)'",
                    mend: "see Redis's log; most likely its disk is full"))
        }
        return findings.orOK("disk", "appendonly is on")
    }

    /// The words behind `pubsub`: hard limit, soft limit, seconds of the soft one.
    private var buffers: [Finding] {
        guard let words = facts.outputBufferLimit?.split(separator: " "),
            let place = words.firstIndex(of: "pubsub"), place + 2 < words.count, let hard = Int64(words[place + 1]),
            let soft = Int64(words[place + 2])
        else { return [] }
        let mend = #"CONFIG SET client-output-buffer-limit "pubsub 33554432 8388608 60", then CONFIG REWRITE"#
        let topic = "buffers"
        if hard == 0 {
            return [
                .warn(
                    topic, "client-output-buffer-limit pubsub has no hard limit: one stuck subscriber fills Redis",
                    mend: mend)
            ]
        }
        guard hard >= Self.smallestBuffer, soft == 0 || soft >= Self.smallestBuffer / 4 else {
            return [
                .warn(
                    topic,
                    "client-output-buffer-limit pubsub is \(hard) \(soft): Redis cuts replicas off at a burst of events",
                    mend: mend)
            ]
        }
        return [.ok(topic, "client-output-buffer-limit pubsub \(hard) \(soft)")]
    }

    private var clock: Finding {
        let difference = abs(facts.clockAhead)
        let text =
            "Redis's clock is \(ShortText.duration(milliseconds: difference)) "
            + (facts.clockAhead > 0 ? "ahead of" : "behind") + " this machine's"
        let mend = "let both follow NTP (timedatectl); series use the publisher's clock, leases Redis's"
        return switch difference {
        case ..<1_000: .ok("clock", "less than a second from this machine's")
        case ..<3_600_000: .warn("clock", text, mend: mend)
        default: .fail("clock", text, mend: mend)
        }
    }

    // MARK: Permissions

    private var permissions: [Finding] {
        facts.refusals.map { refusal in
            .warn(
                "acl", "\(refusal.question) could not be asked: \(refusal.reason)",
                mend: refusal.isPermission
                    ? "ACL SETUSER \(facts.user) +\(refusal.question.lowercased().replacing(" ", with: "|")), "
                        + "or run doctor as another user"
                    : "this server may not know the command; look yourself")
        }
            + facts.denials.filter { $0.secondsAgo <= Self.remembered }.map { denial in
                denial.secondsAgo <= Self.recent
                    ? .fail("acl", text(denial), mend: mend(denial)) : .warn("acl", text(denial), mend: mend(denial))
            }
    }

    private func text(_ denial: ServerFacts.Denial) -> String {
        let what =
            switch denial.reason {
            case "auth": "did not get in: wrong password, or no such user"
            case "command": "may not use \(denial.object.uppercased()) (NOPERM)"
            default: "may not use the \(denial.reason) '\(denial.object)' (NOPERM)"
            }
        return "user '\(denial.user)' \(what); \(ShortText.counted(denial.times, "time")), "
            + "last \(ShortText.duration(milliseconds: denial.secondsAgo * 1_000)) ago"
    }

    private func mend(_ denial: ServerFacts.Denial) -> String {
        switch denial.reason {
        case "auth": "check user and password in that process's OUTBOARD_REDIS_URL or password file"
        case "command": "if it is meant to: ACL SETUSER \(denial.user) +\(denial.object)"
        case "key": "if it is meant to: ACL SETUSER \(denial.user) ~\(denial.object)"
        default: "if it is meant to: ACL SETUSER \(denial.user) &\(denial.object)"
        }
    }
}
