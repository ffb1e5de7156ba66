import Outboard

/// What a publisher publishes.
extension PublisherCases {
    /// The distinct numbers of each source.
    static func published(_ run: PublisherObservation.Run) -> [String: Set<UInt64>] {
        run.events.filter { $0.problem == nil }.reduce(into: [:]) { $0[$1.source, default: []].insert($1.number) }
    }

    static func count(_ seen: PublisherObservation) throws {
        for run in seen.runs {
            let number = published(run).values.reduce(0) { $0 + $1.count }
            guard number == seen.requested else {
                throw Discrepancy(expected: "\(seen.requested) events", seen: "\(number)")
            }
        }
    }

    static func forms(_ seen: PublisherObservation) throws {
        for event in seen.runs.flatMap(\.events) {
            if let problem = event.problem { throw wrong("valid events", event, problem) }
            guard event.type == ScriptedPublisher.type else { throw wrong("type http.request", event, event.type) }
            guard event.time.hasSuffix("Z") else { throw wrong("a time in UTC, ending in Z", event, event.time) }
            guard event.lacks.isEmpty else {
                throw wrong("method, path and status in data", event, "no \(event.lacks.joined(separator: ", no "))")
            }
        }
    }

    private static func wrong(_ expected: String, _ event: ObservedEvent, _ seen: String) -> Discrepancy {
        Discrepancy(expected: expected, seen: "\(seen) (\(event.text))")
    }

    static func channel(_ seen: PublisherObservation) throws {
        for event in seen.runs.flatMap(\.events) where event.problem == nil {
            guard let source = EventSource(event.source), source.lane == event.lane, source.type == event.type else {
                throw wrong("source /<publisher>/http.request/\(event.lane) there", event, event.source)
            }
            guard let key = event.partitionKey else { continue }
            let lane = LaneRule.lane(ofKey: key, lanes: ConformanceBus.lanes)
            guard lane == event.lane else {
                throw wrong(
                    "partitionkey '\(key)' on lane \(lane), FNV-1a-64 modulo \(ConformanceBus.lanes)", event, "it")
            }
        }
    }

    static func numbers(_ seen: PublisherObservation) throws {
        for run in seen.runs {
            var next: [String: UInt64] = [:]
            for event in run.events where event.problem == nil {
                let wanted = next[event.source] ?? 1
                // What was sent already may come again.
                guard event.number <= wanted else { throw wrong("number \(wanted) next", event, "\(event.number)") }
                if event.number == wanted { next[event.source] = wanted + 1 }
            }
        }
    }

    static func message(_ seen: PublisherObservation) throws {
        for message in seen.runs.flatMap(\.messages) {
            guard message.bytes.count <= EventWriter.limit else {
                throw Discrepancy(expected: "messages of at most 1 MiB", seen: "\(message.bytes.count) bytes")
            }
            let sources = Set(message.events.map(\.source))
            guard sources.count <= 1 else {
                throw Discrepancy(
                    expected: "events of one source in an array", seen: sources.sorted().joined(separator: ", "))
            }
        }
    }
}
