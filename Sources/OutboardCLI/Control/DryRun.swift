import Outboard
import OutboardRedis

/// A change of settings that was not made: what it would be, and who would take it.
struct DryRun: Encodable {
    let settings: [ManifestSummary.Setting]
    let trial: ConfigurationTrial

    /// Whether every live replica would take it.
    var holds: Bool { trial.refused.isEmpty && trial.waiting.isEmpty }

    private enum CodingKeys: String, CodingKey {
        case settings
    }

    func encode(to encoder: any Encoder) throws {
        try trial.encode(to: encoder)
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(settings, forKey: .settings)
    }

    /// What the replicas say, for people.
    var lines: [String] {
        let verdict =
            switch trial.accepting.count {
            case 0: holds ? "no replica is there to ask" : "no replica accepts it"
            case 1: "1 replica accepts it"
            case let count: "\(count) replicas accept it"
            }
        var lines = ["", verdict]
        lines += trial.refused.sorted { $0.key < $1.key }.map { "  \($0.key) refuses: \($0.value)" }
        let patience = ConfigurationQuestion.patience.components.seconds
        lines += trial.waiting.map {
            "  \($0) has not answered within \(patience) s; see its log, or it is of a version that cannot be asked"
        }
        return lines.map(Printable.line)
    }
}
