import OutboardRedis

/// What `outboard bench` has measured, as a value.
struct BenchResult: Encodable, Equatable {
    /// Ages of events when the plugin got them, at a gentle rate.
    struct Latency: Encodable, Equatable {
        var events: Int
        var p50: Int64
        var p99: Int64
        var most: Int64

        private enum CodingKeys: String, CodingKey {
            case events
            case p50 = "p50_us"
            case p99 = "p99_us"
            case most = "max_us"
        }

        /// - Parameter ages: In microseconds, in order of size.
        init(ages: [Int64]) {
            func quantile(_ share: Double) -> Int64 {
                ages.isEmpty ? 0 : ages[min(ages.count - 1, Int(Double(ages.count) * share))]
            }
            events = ages.count
            (p50, p99, most) = (quantile(0.5), quantile(0.99), ages.last ?? 0)
        }
    }

    /// One process's or server's part of the time on the wall.
    struct Load: Encodable, Equatable {
        /// Seconds of CPU in a second.
        var cores: Double
        /// Microseconds of CPU an event.
        var microseconds: Double

        private enum CodingKeys: String, CodingKey {
            case cores
            case microseconds = "us_per_event"
        }

        init(cpuSeconds: Double, seconds: Double, events: Int) {
            cores = seconds > 0 ? cpuSeconds / seconds : 0
            microseconds = events > 0 ? cpuSeconds * 1_000_000 / Double(events) : 0
        }
    }

    var redis: String
    var latency: Latency
    /// Events that were published, handled and counted at full speed.
    var events: Int
    /// From the first of them to the last one's count.
    var seconds: Double
    var missed: Int
    /// This process, which publishes and counts.
    var ours: Load
    var server: Load

    var perSecond: Int { seconds > 0 ? Int(Double(events) / seconds) : 0 }

    /// What was nearest to a whole core. This process has one event loop that publishes and one that counts.
    var limit: String {
        if server.cores >= 0.9 { return "Redis: it uses a whole core; lay types on several servers" }
        if ours.cores >= 1.2 { return "this process: publishing and counting; more replicas would go on" }
        return "neither this process nor Redis was busy: the machine, the network, or a time that was too short"
    }

    var lines: [String] {
        [
            "Redis \(redis)", "",
            "latency   \(latency.events) events at a gentle rate: half within \(ShortText.duration(microseconds: latency.p50)), "
                + "99 % within \(ShortText.duration(microseconds: latency.p99)), "
                + "the last after \(ShortText.duration(microseconds: latency.most))",
            "rate      \(perSecond) events/s published, handled and counted (\(events) events, \(missed) missed)",
            "cost      \(Self.text(ours.microseconds)) us of CPU an event here, \(Self.text(server.microseconds)) in Redis",
            "limit     \(limit)",
        ]
    }

    private static func text(_ number: Double) -> String {
        let hundredths = Int((number * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
