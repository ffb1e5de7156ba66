import Outboard
import Testing

@testable import OutboardRedis

@Suite("Weights of replicas")
struct LaneWeightTests {
    @Test(
        "are those of docs/protocol.md",
        arguments: [
            (0, "request-counter-0000000000000001", 0xce34_1414_6543_9cab),
            (63, "request-counter-00000000000000ff", 0x5bc0_1570_31f3_b7fb),
        ] as [(Int, String, UInt64)])
    func vectors(lane: Int, replica: String, weight: UInt64) {
        #expect(LaneWeight.of(type: "http.request", lane: lane, replica: replica) == weight)
    }

    @Test("share 64 lanes so that the busiest of 2 to 8 hears at most half more than the mean, nearly always")
    func shares() {
        var generator = SeededNumbers(seed: 1)
        var (worst, runs, over) = (0.0, 0, 0)
        for count in 2...8 {
            for _ in 0..<40 {
                let replicas = (0..<count).map { _ in PublisherID(name: "request-counter", using: &generator).text }
                var heard = Dictionary(uniqueKeysWithValues: replicas.map { ($0, 0) })
                for lane in 0..<64 {
                    let ranked = replicas.sorted {
                        LaneWeight.of(type: "http.request", lane: lane, replica: $0)
                            > LaneWeight.of(type: "http.request", lane: lane, replica: $1)
                    }
                    for hearer in ranked.prefix(2) { heard[hearer, default: 0] += 1 }
                }
                let ratio = Double(heard.values.max() ?? 0) / (128 / Double(count))
                worst = max(worst, ratio)
                runs += 1
                if ratio > 1.5 { over += 1 }
            }
        }
        #expect(Double(over) / Double(runs) < 0.05, "\(over) of \(runs)")
        #expect(worst < 2)
    }
}
