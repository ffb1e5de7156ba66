import OutboardRedis

/// What came of it all.
extension PublisherCases {
    static func ends(_ seen: PublisherObservation) throws {
        for run in seen.runs where run.exitCode != 0 {
            throw Discrepancy(
                expected: "exit code 0 behind \(seen.requested) events",
                seen: run.exitCode.map { "exit code \($0)" } ?? "that it still ran, and was killed")
        }
    }

    static func resend(_ seen: PublisherObservation) throws {
        for cut in seen.cuts {
            guard cut.happened else {
                throw Discrepancy(expected: "events over a connection that can be cut", seen: "none")
            }
            let alone = PublisherObservation(
                requested: seen.requested, channels: seen.channels, records: seen.records, runs: [cut.run], cuts: [],
                account: seen.account, malformed: seen.malformed)
            do {
                for check in [ends, registers, numbers, count, record] { try check(alone) }
            } catch let found as Discrepancy {
                throw Discrepancy(expected: "cut \(cut.place) \(found.expected)", seen: found.seen)
            }
        }
    }

    static func accepted(_ seen: PublisherObservation) throws {
        let expected = Int64(seen.requested * seen.runs.count)
        let account = seen.account
        guard account[.handled] == expected, account[.applied] == expected, account.inFlight == 0,
            account.isConsistent, seen.malformed == 0
        else {
            throw Discrepancy(
                expected: "applied \(expected), handled \(expected), malformed 0",
                seen: "\(account.text), malformed \(seen.malformed)")
        }
    }
}
