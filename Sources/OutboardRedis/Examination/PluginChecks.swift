import Outboard

/// Judges one plugin: manifest, replicas, lanes, books. Pure: facts in, findings out.
struct PluginChecks {
    private static let slowMilliseconds: Int64 = 5_000
    /// Lanes that are named in one line.
    private static let named = 8

    private let plugin: BusFacts.Plugin
    private var detail: PluginDetail { plugin.detail }
    private var name: String { detail.plugin.name }
    private var live: [ReplicaSummary] { detail.replicas.filter(\.isLive) }

    init(_ plugin: BusFacts.Plugin) {
        self.plugin = plugin
    }

    var findings: [Finding] {
        (manifest + replicas + lanes + books).orOK(
            name,
            "\(ShortText.counted(Int64(live.count), "replica")), \(hearsLanes ? "all lanes heard" : hearing), "
                + "books balance, \(detail.books.handled) handled, \(detail.books.missed) missed")
    }

    /// Whether its live replicas must hear every lane now.
    private var hearsLanes: Bool {
        // A durable plugin reads streams and hears no lane.
        detail.control.state == .enabled && detail.plugin.delivery != "durable" && !live.isEmpty
            && !live.contains { $0.state == ReplicaState.starting.rawValue }
    }

    private var hearing: String {
        if detail.control.state == .disabled { return "disabled" }
        return detail.plugin.delivery == "durable" ? "durable" : "starting"
    }

    // MARK: Manifest and control

    private var manifest: [Finding] {
        var findings: [Finding] = []
        if let manifest = detail.manifest {
            let version = manifest.protocol ?? 0
            if version != Manifest.protocolVersion {
                findings.append(
                    .fail(
                        name, "it speaks protocol \(version), this bus \(Manifest.protocolVersion)",
                        mend: version < Manifest.protocolVersion ? "update that service" : "update this outboard"))
            }
        } else {
            findings.append(
                .fail(
                    name, "it has no manifest that can be read",
                    mend: "start a replica, it registers itself; if the plugin is gone for good, SREM it from the set "
                        + "of plugins"))
        }
        if let problem = detail.control.problem {
            findings.append(
                .fail(name, "its control hash cannot be read: \(problem)", mend: "HDEL that field, or set it anew"))
        }
        return findings
    }

    // MARK: Replicas

    private var replicas: [Finding] {
        var findings: [Finding] = []
        if live.isEmpty {
            findings.append(
                .warn(
                    name, "no replica lives: what is published now will be missed or wait as in flight",
                    mend: "start one; if the plugin is gone for good this stays"))
        }
        findings += detail.crashLoops.map { loop in
            .fail(
                name, "it has \(loop.text)",
                mend: "see the log of its container or service there; this is shown until one lives for longer")
        }
        return findings + detail.replicas.flatMap(judge)
    }

    private func judge(_ replica: ReplicaSummary) -> [Finding] {
        var findings: [Finding] = []
        func warn(_ found: String, _ mend: String) {
            findings.append(.warn(name, "replica \(replica.id) \(found)", mend: mend))
        }
        if replica.hasFailed {
            findings.append(
                .fail(
                    name, "replica \(replica.id) has failed: \(replica.error ?? "it does not say why")",
                    mend: "mend what it names; it tries again by itself and keeps what it has, 64 MiB at most"))
        } else if let error = replica.error {
            warn("says: \(error)", "see its log on \(replica.host ?? "its host")")
        }
        if replica.state == ReplicaState.running.rawValue, !replica.isLive {
            warn(
                "has no lease any more: it was killed, or its subscription is not proven",
                "of a killed one nothing is left within 10 s; else see its log, it connects again by itself")
        }
        if replica.isLive, replica.revision < detail.control.revision {
            warn(
                "acknowledges revision \(replica.revision), the operator's is \(detail.control.revision)",
                "it follows within a second; if not, see its log")
        }
        if replica.lagMilliseconds > Self.slowMilliseconds {
            warn(
                "is \(ShortText.duration(milliseconds: replica.lagMilliseconds)) behind",
                "start more replicas, or see whether Redis is slow: redis-cli --latency")
        }
        if replica.malformed > 0 {
            warn(
                "has met \(ShortText.counted(replica.malformed, "malformed message"))",
                "its log says of which source; somebody publishes what is not an event of this protocol")
        }
        if replica.letGo > 0 {
            warn(
                "let go of \(ShortText.counted(replica.letGo, "event")) that it held for others: its buffer was full",
                "start more replicas, so that each holds fewer lanes")
        }
        return findings
    }

    // MARK: Lanes

    private var lanes: [Finding] {
        guard let lanes = detail.lanes, hearsLanes else { return [] }
        var findings: [Finding] = []
        for type in detail.plugin.subscribes {
            let heard = live.reduce(into: Set<Int>()) { $0.formUnion($1.lanes(of: type)) }
            let deaf = (0..<max(0, lanes)).filter { !heard.contains($0) }
            if !deaf.isEmpty {
                findings.append(
                    .fail(
                        name,
                        "no live replica hears \(ShortText.counted(Int64(deaf.count), "lane")) of \(type): "
                            + list(deaf.map(String.init)),
                        mend: "restart its replicas one by one; if it comes back, see their logs"))
            }
            let silent = plugin.unheard.filter { channel in
                heard.contains { channel.hasSuffix(":\(type):\($0)") }
            }
            if !silent.isEmpty {
                findings.append(
                    .fail(
                        name, "replicas list lanes to which Redis has no subscriber: \(list(silent))",
                        mend:
                            "a proxy or firewall may have cut their subscriptions; they notice within 2 s and connect "
                            + "again"))
            }
        }
        return findings
    }

    private func list(_ texts: [String]) -> String {
        texts.prefix(Self.named).joined(separator: ", ")
            + (texts.count > Self.named ? " and \(texts.count - Self.named) more" : "")
    }

    // MARK: Books

    private var books: [Finding] {
        var findings = plugin.audit.damages.map { damage in
            Finding.fail(name, "\(damage.place) \(damage.problem)", mend: damage.mend)
        }
        if let first = plugin.audit.wrong.first {
            findings.append(
                .fail(
                    name,
                    "the books of \(ShortText.counted(Int64(plugin.audit.wrong.count), "source")) do not balance, "
                        + "\(first.source): \(first.imbalance)",
                    mend: "outboard audit \(name) lists all; somebody else has written there, or Redis lost data"))
        }
        if let imbalance = plugin.audit.forgotten.imbalance {
            findings.append(
                .fail(
                    name, "the books of forgotten publishers do not balance: \(imbalance)",
                    mend: "mend the totals of outboard audit \(name)"))
        }
        findings += plugin.audit.rejected.sorted { $0.key < $1.key }.map { key, events in
            .warn(
                name, "effects of \(ShortText.counted(events, "event")) on '\(key)' could not be applied",
                mend: "that key has another type, or a counter is full; rename it and delete the field of 'rejected'")
        }
        return findings
    }
}
