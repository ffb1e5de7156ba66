/// Keeps some programs running for the time of a piece of work.
struct Supervisor {
    private enum End: Equatable { case work, child }

    let children: [Child]
    let console: Console
    var ready: ReadyBoard?

    /// Starts the children, does the work, ends the children, and returns when all have ended.
    ///
    /// - Throws: What the work throws, or `UpFailure` when a child cannot be kept running; the work is then cancelled.
    func run(_ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: End.self) { group in
            for (index, child) in children.enumerated() {
                let keeper = ChildKeeper(child: child, place: index, console: console, ready: ready)
                group.addTask {
                    try await keeper.run()
                    return .child
                }
            }
            group.addTask {
                try await work()
                return .work
            }
            while let end = try await group.next(), end != .work {}
            group.cancelAll()
            try await group.waitForAll()
        }
    }
}
