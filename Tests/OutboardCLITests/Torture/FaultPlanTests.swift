import Testing

@testable import OutboardCLI

@Suite("FaultPlan")
struct FaultPlanTests {
    @Test("is the same for the same seed, another one for another")
    func seeded() {
        let plan = FaultPlan(seed: 7, milliseconds: 60_000, replicas: 3)
        #expect(plan == FaultPlan(seed: 7, milliseconds: 60_000, replicas: 3))
        #expect(plan != FaultPlan(seed: 8, milliseconds: 60_000, replicas: 3))
        // What a certificate's seed repeats must not change with a version.
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
    }

    @Test("has every kind within a minute, whatever the seed", arguments: [1, 2, 3, 5])
    func complete(replicas: Int) {
        for seed in 0..<200 as Range<UInt64> {
            let plan = FaultPlan(seed: seed, milliseconds: 60_000, replicas: replicas)
            #expect(Set(plan.steps.compactMap(\.fault.kind)) == Set(FaultKind.allCases), "seed \(seed)")
        }
    }

    @Test("is in order, ends what it begins, and does one thing to a replica at a time")
    func consistent() throws {
        for seed in 0..<500 as Range<UInt64> {
            let plan = FaultPlan(seed: seed, milliseconds: 30_000, replicas: 3)
            #expect(zip(plan.steps, plan.steps.dropFirst()).allSatisfy { $0.at <= $1.at })
            var open: [Int: Fault] = [:]
            var redisIsDown = false
            for step in plan.steps {
                switch step.fault {
                case .kill(let replica), .terminate(let replica), .freeze(let replica), .partition(let replica):
                    #expect(open[replica] == nil, "seed \(seed) at \(step.at)")
                    open[replica] = step.fault
                case .start(let replica), .thaw(let replica), .heal(let replica):
                    #expect(open.removeValue(forKey: replica) != nil, "seed \(seed) at \(step.at)")
                case .killRedis:
                    #expect(!redisIsDown)
                    redisIsDown = true
                case .startRedis:
                    #expect(redisIsDown)
                    redisIsDown = false
                case .pauseRedis, .cutAllSubscriptions: #expect(!redisIsDown)
                default: break
                }
            }
            #expect(open.isEmpty && !redisIsDown, "seed \(seed)")
        }
    }

    @Test("lets one replica suffer at a time where that is asked for, and leaves Redis alone")
    func oneAtATime() {
        for seed in 0..<200 as Range<UInt64> {
            let plan = FaultPlan(seed: seed, milliseconds: 120_000, replicas: 3, crowd: .one)
            var open = 0
            var last: FaultPlan.Step?
            for step in plan.steps {
                switch step.fault {
                case .kill, .terminate, .freeze, .partition:
                    #expect(open == 0)
                    open += 1
                case .start, .thaw, .heal: open -= 1
                case .killRedis, .startRedis, .pauseRedis, .cutAllSubscriptions: Issue.record("seed \(seed): \(step)")
                default: #expect(open == 0)
                }
                // The steps of one scaling follow each other; whatever else begins waits for a lease and more.
                if let last, step.fault.kind != nil, step.fault.kind != .scale { #expect(step.at - last.at >= 4_000) }
                last = step
            }
            #expect(plan.steps.count > 15)
        }
    }

    @Test("stops a replica for longer than its lease")
    func freezes() {
        let plan = FaultPlan(seed: 1, milliseconds: 600_000, replicas: 1, kinds: [.freeze])
        let times = plan.steps.map(\.at)
        #expect(plan.steps.count > 20)
        for index in stride(from: 0, to: times.count - 1, by: 2) { #expect(times[index + 1] - times[index] > 3_000) }
    }
}
