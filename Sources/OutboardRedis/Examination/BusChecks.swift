import Outboard

/// Judges what lies on a bus: the agreement, publishers. Pure: facts in, findings out.
struct BusChecks {
    /// A publisher writes a heartbeat each second.
    private static let staleMilliseconds: Int64 = 5_000

    private let facts: BusFacts

    init(_ facts: BusFacts) {
        self.facts = facts
    }

    var findings: [Finding] {
        wrongKeys + lanes + publishers
            + (facts.plugins.isEmpty && facts.wrongKeys.isEmpty
                ? [.warn("plugins", "no plugin has registered", mend: "start one, for example with 'outboard up'")]
                : [])
            + facts.plugins.flatMap { PluginChecks($0).findings }
    }

    private var wrongKeys: [Finding] {
        facts.wrongKeys.map { wrong in
            .fail(
                "bus", "\(wrong.key) is a \(wrong.kind), not a \(wrong.wanted)",
                mend:
                    "see what it holds, then RENAME \(wrong.key) \(wrong.key):damaged; what depends on it was not checked"
            )
        }
    }

    private var lanes: [Finding] {
        guard let text = facts.lanes else {
            return [.warn("lanes", "no process has come to this bus yet", mend: "check OUTBOARD_NAMESPACE, start one")]
        }
        guard let lanes = Int(text), (1...1_024).contains(lanes) else {
            return [
                .fail(
                    "lanes", "the bus has '\(text)' lanes, which is no number from 1 to 1024",
                    mend: "set what the processes use: HSET NAMESPACE:bus lanes \(LaneRule.defaultCount)")
            ]
        }
        var findings: [Finding] = []
        if let wanted = facts.wantedLanes, wanted != lanes {
            findings.append(
                .fail(
                    "lanes", "OUTBOARD_LANES is \(wanted) here, the bus has \(lanes)",
                    mend: "set OUTBOARD_LANES=\(lanes); a process started with \(wanted) stops"))
        }
        for publisher in facts.publishers {
            let beyond = publisher.numbers.keys.filter { source in
                source.split(separator: "/").last.flatMap { Int($0) }.map { $0 >= lanes } ?? false
            }
            if let example = beyond.min() {
                findings.append(
                    .fail(
                        "lanes", "publisher \(publisher.id) uses \(example), the bus has only \(lanes) lanes",
                        mend: "nobody hears that lane; start that publisher with OUTBOARD_LANES=\(lanes)"))
            }
        }
        return findings.orOK("lanes", "\(lanes) lanes a type, agreed")
    }

    private var publishers: [Finding] {
        var findings: [Finding] = []
        for publisher in facts.publishers {
            if publisher.dropped > 0 {
                findings.append(
                    .warn(
                        "publishers",
                        "\(publisher.id) has dropped \(ShortText.counted(publisher.dropped, "event")): its buffer was full",
                        mend:
                            "find out why Redis was away; raise OUTBOARD_BUFFER_BYTES there if it may be away for longer"
                    ))
            }
            let age = publisher.heartbeatAge
            if publisher.isMoving, age.map({ $0 > Self.staleMilliseconds }) ?? true {
                let last = age.map { "the last \(ShortText.duration(milliseconds: $0)) ago" } ?? "none is there"
                findings.append(
                    .fail(
                        "publishers", "\(publisher.id) publishes without heartbeats (\(last))",
                        mend: "after 24 h plugins forget it and refuse its events; see its log, it must ZADD the "
                            + "heartbeat each second"))
            }
        }
        let live = facts.publishers.filter { ($0.heartbeatAge ?? .max) <= Self.staleMilliseconds }.count
        return findings.orOK("publishers", "\(live) live, \(facts.publishers.count) known, none has dropped an event")
    }
}
