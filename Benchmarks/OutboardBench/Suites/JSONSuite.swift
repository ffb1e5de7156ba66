/// What writing and reading one event costs, against Foundation's coders, which are made once and used warm.
struct JSONSuite {
    let bench: Bench

    enum Names {
        static let foundationEncode = "Foundation, encode"
        static let encode = "Outboard, encode"
        static let foundationDecode = "Foundation, decode"
        static let decode = "Outboard, decode"
    }

    func measure() async throws -> Section {
        Section(
            .json, title: "JSON (one event; decode reads what request-counter does)",
            outcomes: try await Alternation.run(
                [
                    contender(Names.foundationEncode, .foundation, .encode, 100_000),
                    contender(Names.encode, .ours, .encode, 2_000_000),
                    contender(Names.foundationDecode, .foundation, .decode, 100_000),
                    contender(Names.decode, .ours, .decode, 2_000_000),
                ], rounds: bench.rounds))
    }

    private func contender(
        _ name: String, _ coder: CoderRole.Coder, _ direction: CoderRole.Direction, _ events: Int
    ) -> Contender {
        let role = CoderRole(coder: coder, direction: direction, events: bench.scaled(events))
        return Contender(name) { try await Role.coders(role).sample() }
    }
}
