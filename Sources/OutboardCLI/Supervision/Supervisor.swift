/// Keeps some programs running for the time of a piece of work.
struct Supervisor {
    private enum End {
        /// The work is done.
        case work
        /// A child will not be started again.
        case child
        /// Other children should run from now on.
        case children([Child])
    }

    let children: [Child]
    let console: Console
    var ready: ReadyBoard?
    /// Told that a child has crashed, and what will be done.
    var onCrash: (@Sendable (Child, String) async -> Void)?
    /// Waits until other children than these should run, and says which; nil where they stay the same.
    var changes: (@Sendable ([Child]) async throws -> [Child])?

    /// Starts the children, does the work, ends the children, and returns when all have ended.
    ///
    /// - Throws: What the work throws, or `UpFailure` when one of the first children cannot be kept running; the work is
    ///   then cancelled.
    func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: End.self) { group in
            var running = Running(console: console, ready: ready, onCrash: onCrash)
            running.replace(by: children, in: &group, isFirst: true)
            group.addTask {
                try await work()
                return .work
            }
            watch(children, in: &group)
            loop: while let end = try await group.next() {
                switch end {
                case .work: break loop
                case .child: continue
                case .children(let wanted):
                    running.replace(by: wanted, in: &group, isFirst: false)
                    watch(wanted, in: &group)
                }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    private func watch(_ present: [Child], in group: inout ThrowingTaskGroup<End, any Error>) {
        guard let changes else { return }
        group.addTask {
            do { return .children(try await changes(present)) } catch is CancellationError { return .work }
        }
    }

    /// The children that are kept running, each with what ends it alone.
    private struct Running {
        let console: Console
        let ready: ReadyBoard?
        let onCrash: (@Sendable (Child, String) async -> Void)?
        private var stops: [Child: ReadyBoard] = [:]
        private var places: [String: Int] = [:]

        init(
            console: Console, ready: ReadyBoard?, onCrash: (@Sendable (Child, String) async -> Void)?
        ) {
            self.console = console
            self.ready = ready
            self.onCrash = onCrash
        }

        /// Ends those that are not wanted any more and starts those that are new; the others notice nothing.
        mutating func replace(
            by wanted: [Child], in group: inout ThrowingTaskGroup<End, any Error>, isFirst: Bool
        ) {
            for (child, stop) in stops where !wanted.contains(child) {
                console.say("\(child.label) is unloaded")
                stop.markReady(child.label)
                stops[child] = nil
            }
            for child in wanted where stops[child] == nil {
                if !isFirst { console.say("\(child.label) is loaded") }
                let stop = ReadyBoard(waitingFor: [child.label])
                stops[child] = stop
                let place = places[child.label] ?? places.count
                places[child.label] = place
                let keeper = ChildKeeper(
                    child: child, place: place, console: console, ready: ready, onCrash: onCrash)
                group.addTask {
                    do {
                        try await keeper.run(until: stop)
                    } catch let failure as UpFailure where !isFirst {
                        // One that was loaded later must not end the bus.
                        keeper.console.say("\(failure); it is not started again")
                    }
                    return .child
                }
            }
        }
    }
}
