/// One line of the table of goals.
struct Goal: Codable, Sendable {
    enum Bound: Codable, Sendable {
        case atLeast(Double), atMost(Double)
    }

    let what: String
    let against: String
    let measured: Double
    let bound: Bound

    var isReached: Bool {
        switch bound {
        case .atLeast(let limit): measured >= limit
        case .atMost(let limit): measured <= limit
        }
    }
}

/// The goals of docs/performance.md, as far as this bench measures them.
enum Goals {
    static func judge(_ sections: [Section]) -> [Goal] {
        sections.flatMap { section -> [Goal] in
            switch SuiteName(rawValue: section.suite) {
            case .publish: publish(section)
            case .receive: receive(section)
            case .json: json(section)
            case .http: http(section)
            case .plugin: plugin(section)
            // What it costs is stated in docs/performance.md; there is no goal.
            case .sharing, .growth, nil: []
            }
        }
    }

    private static func publish(_ section: Section) -> [Goal] {
        typealias Names = PublishSuite.Names
        let rate: (Sample) -> Double? = \.eventsPerSecond
        return [
            goal(
                section, "publish, one event a message, rate", Names.singles, Names.redisBenchmark, rate, .atLeast(1)),
            goal(section, "publish, own CPU", Names.singles, Names.formatted, \.cpuMicrosecondsPerEvent, .atMost(1.2)),
            goal(section, "publish under backlog, rate", Names.arrays, Names.singles, rate, .atLeast(2.5)),
        ].compactMap { $0 }
    }

    private static func receive(_ section: Section) -> [Goal] {
        typealias Names = ReceiveSuite.Names
        let cost = goal(
            section, "receive, decode and count, CPU", Names.replica, Names.reference, \.cpuMicrosecondsPerEvent,
            .atMost(1))
        let disconnects = section.disconnects.map {
            Goal(
                what: "blasts at Redis's default limits", against: "disconnects", measured: Double($0),
                bound: .atMost(0))
        }
        return [cost, disconnects].compactMap { $0 }
    }

    private static func json(_ section: Section) -> [Goal] {
        typealias Names = JSONSuite.Names
        let cost: (Sample) -> Double? = \.cpuMicrosecondsPerEvent
        return [
            goal(section, "JSON encode, Foundation's CPU", Names.foundationEncode, Names.encode, cost, .atLeast(30)),
            goal(section, "JSON decode, Foundation's CPU", Names.foundationDecode, Names.decode, cost, .atLeast(30)),
        ].compactMap { $0 }
    }

    private static func plugin(_ section: Section) -> [Goal] {
        typealias Names = PluginSuite.Names
        func goal(_ what: String, _ name: String, _ most: Double, _ value: (Sample) -> Double?) -> Goal? {
            section[name]?.median(value).map {
                Goal(what: what, against: "–", measured: $0, bound: .atMost(most))
            }
        }
        return [
            // The flush interval of 50 ms, and 10.
            goal("accepted → counter visible, p99 ms", Names.visible, 60) { $0.p99Milliseconds },
            goal("idle plugin, resident MiB", Names.start, 16) { $0.peakMemoryBytes.map { Double($0) / 1_048_576 } },
            goal("plugin start → subscribed, ms", Names.start, 100) { $0.seconds.map { $0 * 1_000 } },
        ].compactMap { $0 }
    }

    private static func http(_ section: Section) -> [Goal] {
        let cost = goal(
            section, "HTTP server CPU, an event a request", HTTPSuite.Names.with, HTTPSuite.Names.without,
            \.cpuMicrosecondsPerEvent, .atMost(1.03))
        return [cost].compactMap { $0 }
    }

    private static func goal(
        _ section: Section, _ what: String, _ name: String, _ other: String, _ value: (Sample) -> Double?,
        _ bound: Goal.Bound
    ) -> Goal? {
        guard let mine = section[name], let theirs = section[other], let ratio = mine.ratio(to: theirs, value) else {
            return nil
        }
        return Goal(what: what, against: other, measured: ratio, bound: bound)
    }
}
