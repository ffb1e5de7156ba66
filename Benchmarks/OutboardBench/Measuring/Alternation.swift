/// One of those that are compared.
struct Contender {
    let name: String
    let turn: () async throws -> Sample

    init(_ name: String, turn: @escaping () async throws -> Sample) {
        self.name = name
        self.turn = turn
    }
}

/// Lets contenders take turns: each round all of them, one behind the other, so that a slow minute slows all.
enum Alternation {
    static func run(_ contenders: [Contender], rounds: Int) async throws -> [Outcome] {
        var outcomes = contenders.map { Outcome(name: $0.name) }
        for _ in 0..<rounds {
            for (index, contender) in contenders.enumerated() {
                outcomes[index].samples.append(try await contender.turn())
            }
        }
        return outcomes
    }
}
