import Outboard
import OutboardRedis

/// What a publisher says of itself in Redis.
extension PublisherCases {
    /// The one publisher of a run.
    private static func publisher(of run: PublisherObservation.Run) throws -> PublisherObservation.Publisher {
        guard let publisher = run.publishers.first, run.publishers.count == 1 else {
            throw Discrepancy(
                expected: "one publisher with a record or an event",
                seen: run.publishers.isEmpty ? "none" : run.publishers.map(\.id).joined(separator: ", "))
        }
        return publisher
    }

    /// What Redis was told before the first event of a run.
    private static func beforeFirstEvent(_ run: PublisherObservation.Run, _ seen: PublisherObservation) -> ArraySlice<
        MonitorLine
    > {
        run.commands.prefix { !$0.publishesEvent(seen.channels) }
    }

    static func registers(_ seen: PublisherObservation) throws {
        for run in seen.runs {
            let publisher = try publisher(of: run)
            let digits = publisher.id.utf8.suffix(16)
            guard EventSource.isPublisher(Array(publisher.id.utf8)), publisher.id.utf8.dropLast(16).last == 45,
                publisher.id.utf8.count > 17, digits.allSatisfy({ $0.isDigit || (97...102).contains($0) })
            else {
                throw Discrepancy(expected: "an id <name>-<16 hex digits> of a-z, 0-9 and -", seen: publisher.id)
            }
            let key = seen.records + publisher.id
            let claims = beforeFirstEvent(run, seen).contains {
                $0.words[0] == "HSETNX" && $0.fields(of: key).contains { $0.field == RedisNames.Record.started }
            }
            guard claims else {
                throw Discrepancy(
                    expected: "HSETNX \(key) started TIME before the first event", seen: "no such command")
            }
            let started = publisher.record[RedisNames.Record.started].flatMap { Int64($0) } ?? 0
            guard (run.began - 1_000...run.ended).contains(started) else {
                throw Discrepancy(
                    expected: "started in milliseconds of Redis's clock, about \(run.began)", seen: "\(started)")
            }
            let absent = [RedisNames.Record.name, RedisNames.Record.host].filter { publisher.record[$0] == nil }
            guard absent.isEmpty else {
                throw Discrepancy(
                    expected: "name and host in \(key)", seen: "no \(absent.joined(separator: ", no "))")
            }
        }
    }

    static func zeros(_ seen: PublisherObservation) throws {
        for run in seen.runs {
            let key = seen.records + (try publisher(of: run)).id
            let said = beforeFirstEvent(run, seen).flatMap { $0.fields(of: key) }
            let zeros = Set(said.filter { $0.value == "0" }.map(\.field))
            let absent = (0..<ConformanceBus.lanes)
                .map { RedisNames.recorded(type: ScriptedPublisher.type, lane: $0) }.filter { !zeros.contains($0) }
            guard absent.isEmpty else {
                throw Discrepancy(
                    expected: "0 for http.request/0 to http.request/\(ConformanceBus.lanes - 1) in \(key) before the "
                        + "first event",
                    seen: "nothing of \(absent.prefix(3).joined(separator: ", ")), \(absent.count) in all")
            }
        }
    }

    static func record(_ seen: PublisherObservation) throws {
        for run in seen.runs {
            let publisher = try publisher(of: run)
            let last = published(run).mapValues { $0.max() ?? 0 }
            for lane in 0..<ConformanceBus.lanes {
                let field = RedisNames.recorded(type: ScriptedPublisher.type, lane: lane)
                let number = last["/\(publisher.id)/\(field)"] ?? 0
                let recorded = publisher.record[field]
                guard recorded == "\(number)" else {
                    throw Discrepancy(expected: "\(field) \(number) in its record", seen: recorded ?? "no such field")
                }
            }
            guard (518_400...604_800).contains(publisher.lifetime) else {
                throw Discrepancy(
                    expected: "a record that expires 7 days (604800 s) behind its last write",
                    seen: "TTL \(publisher.lifetime)")
            }
        }
    }

    static func heartbeat(_ seen: PublisherObservation) throws {
        for run in seen.runs {
            let publisher = try publisher(of: run)
            guard let beat = publisher.heartbeat, (run.began - 1_000...run.ended).contains(beat) else {
                throw Discrepancy(
                    expected: "\(publisher.id) in the sorted set of publishers with a time of about \(run.ended)",
                    seen: publisher.heartbeat.map { "\($0)" } ?? "no such member")
            }
            // Each second; a busy machine is late now and then.
            guard run.ended - beat < 3_000 else {
                throw Discrepancy(expected: "a heartbeat each second", seen: "none for \(run.ended - beat) ms")
            }
        }
    }

    static func again(_ seen: PublisherObservation) throws {
        var known = Set<String>()
        for run in seen.runs {
            for publisher in Set(run.events.compactMap { EventSource($0.source)?.publisher }) {
                guard known.insert(publisher).inserted else {
                    throw Discrepancy(expected: "another id for each start", seen: "\(publisher) again")
                }
            }
        }
        guard known.count == seen.runs.count else {
            throw Discrepancy(expected: "\(seen.runs.count) publishers with events", seen: "\(known.count)")
        }
    }
}
