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

    /// A hundred sets of random ids for each number of replicas; the seed makes it the same sets each time.
    @Test("share the lanes so that the busiest replica hears at most half more than the mean", arguments: 3...8)
    func shares(count: Int) {
        var generator = SeededNumbers(seed: UInt64(count))
        let lanes = LaneRule.defaultCount
        for _ in 0..<100 {
            let replicas = (0..<count).map { _ in PublisherID(name: "request-counter", using: &generator).text }
            var heard = [Int](repeating: 0, count: count)
            for lane in 0..<lanes {
                let weights = replicas.map { LaneWeight.of(type: "http.request", lane: lane, replica: $0) }
                for hearer in weights.indices.sorted(by: { weights[$0] > weights[$1] }).prefix(2) { heard[hearer] += 1 }
            }
            let mean = Double(2 * lanes) / Double(count)
            #expect(Double(heard.max() ?? 0) <= 1.5 * mean, "\(heard)")
        }
    }
}
