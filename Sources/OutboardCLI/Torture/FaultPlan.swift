/// Decides what is done to a bus and when, from a seed alone: the same seed gives the same plan.
///
/// Every kind comes once before any comes twice, then chance decides. What lasts (a stop, a partition, a dead process)
/// has its end in the plan, and nothing else is done to the same replica meanwhile; different replicas and Redis may
/// well suffer at the same time.
struct FaultPlan: Equatable, Sendable {
    /// A fault and its time since the beginning, in milliseconds.
    struct Step: Equatable, Sendable {
        let at: Int
        let fault: Fault
    }

    /// In order of time.
    let steps: [Step]

    /// How many suffer at the same time.
    enum Crowd: Sendable {
        /// Whatever chance brings: losses are allowed, if they are booked.
        case many
        /// One replica, and Redis never; the next fault comes when the last one is over and everybody is back. The
        /// protocol promises that then nothing is missed.
        case one
    }

    /// Replicas that may be needed at the same time.
    static let mostReplicas = 5
    /// The sizes that a scaling goes through before it ends where it began.
    private static let sizes = [1, 5, 2]

    /// - Parameters:
    ///   - replicas: How many run at the beginning.
    ///   - kinds: The kinds to draw from.
    init(
        seed: UInt64, milliseconds: Int, replicas: Int, crowd: Crowd = .many,
        kinds: [FaultKind] = FaultKind.allCases
    ) {
        let kinds = crowd == .one ? kinds.filter(\.isOfOneReplica) : kinds
        var draft = Draft(generator: SeededGenerator(seed: seed), replicas: replicas)
        var now = 500
        var deck: [FaultKind] = []
        // The last second is quiet, so that the ends of faults fall into the run as far as they can.
        while now < milliseconds - 1_000, !kinds.isEmpty {
            if deck.isEmpty { deck = kinds.shuffled(using: &draft.generator) }
            // What cannot be done now, because its target suffers already, comes after what is left.
            let kind = deck.removeLast()
            if !draft.add(kind, at: now), deck.count < kinds.count - 1 { deck.insert(kind, at: 0) }
            switch crowd {
            case .many: now += Int.random(in: 300...1_700, using: &draft.generator)
            // A lease and more, so that whoever was away is a hearer again.
            case .one: now = max(now, draft.end) + Int.random(in: 4_000...5_000, using: &draft.generator)
            }
        }
        // A stable order: what was drawn first comes first among equals.
        steps = draft.steps.enumerated().sorted {
            ($0.element.at, $0.offset) < ($1.element.at, $1.offset)
        }.map(\.element)
    }

    private struct Draft {
        var generator: SeededGenerator
        let replicas: Int
        var steps: [Step] = []
        /// Replica → until when something is done to it.
        private var busyUntil = [Int](repeating: 0, count: FaultPlan.mostReplicas)
        private var redisBusyUntil = 0
        private var scalesUntil = 0

        init(generator: SeededGenerator, replicas: Int) {
            self.generator = generator
            self.replicas = replicas
        }

        /// When everything that was drawn so far is over.
        var end: Int { max(redisBusyUntil, scalesUntil, busyUntil.max() ?? 0) }

        /// - Returns: Whether it could be done at that time.
        mutating func add(_ kind: FaultKind, at now: Int) -> Bool {
            switch kind {
            case .killRedis, .pauseRedis, .cutAllSubscriptions: addToRedis(kind, at: now)
            case .scale: addScaling(at: now)
            default: addToReplica(kind, at: now)
            }
        }

        /// Replicas that go are asked to (SIGTERM); other faults meanwhile may meet one that is not there.
        private mutating func addScaling(at now: Int) -> Bool {
            guard now >= scalesUntil else { return false }
            scalesUntil = now
            for size in FaultPlan.sizes + [replicas] {
                steps.append(Step(at: scalesUntil, fault: .scale(to: size)))
                scalesUntil += Int.random(in: 1_000...2_500, using: &generator)
            }
            return true
        }

        private mutating func addToRedis(_ kind: FaultKind, at now: Int) -> Bool {
            guard now >= redisBusyUntil else { return false }
            switch kind {
            case .killRedis:
                steps.append(Step(at: now, fault: .killRedis))
                redisBusyUntil = now + Int.random(in: 100...3_000, using: &generator)
                steps.append(Step(at: redisBusyUntil, fault: .startRedis))
            case .pauseRedis:
                let pause = Int.random(in: 100...2_500, using: &generator)
                steps.append(Step(at: now, fault: .pauseRedis(milliseconds: pause)))
                redisBusyUntil = now + pause
            default: steps.append(Step(at: now, fault: .cutAllSubscriptions))
            }
            return true
        }

        private mutating func addToReplica(_ kind: FaultKind, at now: Int) -> Bool {
            let free = (0..<replicas).filter { busyUntil[$0] <= now }
            guard let target = free.randomElement(using: &generator) else { return false }
            switch kind {
            case .kill: add(.kill(target), .start(target), lasting: 0...3_000, at: now, target)
            case .terminate: add(.terminate(target), .start(target), lasting: 500...4_000, at: now, target)
            // A lease lasts three seconds.
            case .freeze: add(.freeze(target), .thaw(target), lasting: 3_500...7_000, at: now, target)
            case .partition: add(.partition(target), .heal(target), lasting: 500...7_000, at: now, target)
            case .loseReply: steps.append(Step(at: now, fault: .loseReply(target)))
            case .jumpClock:
                let seconds = Int.random(in: -90...90, using: &generator)
                steps.append(Step(at: now, fault: .jumpClock(target, seconds: seconds)))
            case .cutSubscription where now >= redisBusyUntil:
                steps.append(Step(at: now, fault: .cutSubscription(target)))
            case .cutCommands where now >= redisBusyUntil: steps.append(Step(at: now, fault: .cutCommands(target)))
            default: return false
            }
            return true
        }

        private mutating func add(
            _ fault: Fault, _ end: Fault, lasting range: ClosedRange<Int>, at now: Int, _ target: Int
        ) {
            busyUntil[target] = now + Int.random(in: range, using: &generator)
            steps.append(Step(at: now, fault: fault))
            steps.append(Step(at: busyUntil[target], fault: end))
        }
    }
}
