import OutboardTesting

/// Tries a program on some cases, a few at a time, and tells the results in their order.
enum ConformanceRun {
    /// Cases spend most of their time waiting; more at once than this would only make a small machine late.
    private static let width = 4

    /// - Parameter tell: Called with each result, in the order of the cases.
    static func plugin(
        _ program: ConformanceProgram, _ cases: [ConformanceCase<PluginStage>],
        tell: (ConformanceResult) -> Void
    ) async throws -> ConformanceReport {
        // Without a name nothing else can be looked at.
        let first = try await result(of: PluginCases.first, program)
        var results: [ConformanceResult] = []
        func note(_ result: ConformanceResult) {
            results.append(result)
            tell(result)
        }
        if first.outcome != .holds || cases.contains(where: { $0.name == first.name }) { note(first) }
        let rest = cases.filter { $0.name != first.name }
        guard first.outcome == .holds else {
            for one in rest {
                note(
                    ConformanceResult(
                        name: one.name, proves: one.proves, outcome: .notRun(because: "\(first.name) does not hold")))
            }
            return ConformanceReport(results: results)
        }
        try await withThrowingTaskGroup(of: (Int, ConformanceResult).self) { group in
            var waiting = rest.enumerated().makeIterator()
            var done: [Int: ConformanceResult] = [:]
            func startNext() {
                guard let (index, one) = waiting.next() else { return }
                group.addTask { (index, try await result(of: one, program)) }
            }
            for _ in 0..<width { startNext() }
            var next = 0
            while let (index, result) = try await group.next() {
                done[index] = result
                startNext()
                while let ready = done.removeValue(forKey: next) {
                    note(ready)
                    next += 1
                }
            }
        }
        return ConformanceReport(results: results)
    }

    /// Runs a publisher twice and judges what was seen of it.
    ///
    /// - Parameter tell: Called with each result, in the order of the cases.
    static func publisher(
        _ program: ConformanceProgram, _ cases: [ConformanceCase<PublisherObservation>],
        tell: (ConformanceResult) -> Void
    ) async throws -> ConformanceReport {
        let seen = try await PublisherStage.observe(program)
        var results: [ConformanceResult] = []
        for one in cases {
            var result: ConformanceResult
            do {
                try await one.check(seen)
                result = ConformanceResult(name: one.name, proves: one.proves, outcome: .holds)
            } catch let found as Discrepancy {
                result = ConformanceResult(name: one.name, proves: one.proves, outcome: .fails(found))
                // What it wrote says most about how it ended.
                if one.name == PublisherCases.all.first?.name { result.output = seen.runs.flatMap(\.output) }
            }
            results.append(result)
            tell(result)
        }
        return ConformanceReport(results: results)
    }

    /// - Throws: What is no fault of the program's: no Redis, a cancellation.
    private static func result(
        of one: ConformanceCase<PluginStage>, _ program: ConformanceProgram
    ) async throws -> ConformanceResult {
        try await ConformanceBus.with { bus in
            let stage = PluginStage(program, on: bus)
            do {
                try await one.check(stage)
                return ConformanceResult(name: one.name, proves: one.proves, outcome: .holds)
            } catch let found as Discrepancy {
                return ConformanceResult(
                    name: one.name, proves: one.proves, outcome: .fails(found), output: stage.output)
            }
        }
    }
}
