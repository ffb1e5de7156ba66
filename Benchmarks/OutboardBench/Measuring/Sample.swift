/// What one turn of one contender has measured.
struct Sample: Codable, Sendable {
    var events: Int
    /// Of the contender's own process.
    var cpuSeconds: Double?
    var seconds: Double?
    var redisCPUSeconds: Double?
    /// Of all publishers together, where they are ours.
    var publisherCPUSeconds: Double?
    var peakMemoryBytes: Int?
    var p99Milliseconds: Double?
    /// Events that came to this process, where several share them.
    var received: Int?
    /// Events that a subscriber did not hear; they are not among `events`.
    var missed: Int?

    var cpuMicrosecondsPerEvent: Double? { cpuSeconds.map { $0 / Double(events) * 1e6 } }
    var redisMicrosecondsPerEvent: Double? { redisCPUSeconds.map { $0 / Double(events) * 1e6 } }
    var publisherMicrosecondsPerEvent: Double? { publisherCPUSeconds.map { $0 / Double(events) * 1e6 } }
    var eventsPerSecond: Double? { seconds.map { Double(events) / $0 } }
}

/// All turns of one contender.
struct Outcome: Codable, Sendable {
    let name: String
    var samples: [Sample] = []

    /// The median over all turns of what one turn says; nil if they do not say it.
    func median(_ value: (Sample) -> Double?) -> Double? {
        Median.of(samples.compactMap(value))
    }

    /// The median of the ratios to another contender, turn by turn: what slows both for a while cancels out.
    func ratio(to other: Outcome, _ value: (Sample) -> Double?) -> Double? {
        Median.of(
            zip(samples, other.samples).compactMap { mine, theirs in
                guard let mine = value(mine), let theirs = value(theirs), theirs > 0 else { return nil }
                return mine / theirs
            })
    }
}

enum Median {
    static func of(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }
}
