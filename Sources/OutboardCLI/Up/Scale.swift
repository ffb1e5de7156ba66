import ArgumentParser
import Outboard
import Processes

/// One `--scale NAME=N`.
struct Scale: ExpressibleByArgument, Equatable {
    let name: String
    let count: Int

    init(name: String, count: Int) {
        self.name = name
        self.count = count
    }

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, let count = Int(parts[1]), WantedService.counts.contains(count)
        else {
            return nil
        }
        self.init(name: String(parts[0]), count: count)
    }

    var defaultValueDescription: String { "\(name)=\(count)" }

    /// One replica of each service, or as many as asked for; a later scaling of a name replaces an earlier one.
    ///
    /// Scalings of services that do not exist are noted.
    static func replicas(
        of names: [String], scaled scales: [Scale], _ problems: inout SettingsProblems
    ) -> [Replica] {
        var counts: [String: Int] = [:]
        for scale in scales {
            guard names.contains(scale.name) else {
                let known = names.isEmpty ? "there are no services" : "there are: \(names.joined(separator: ", "))"
                problems.add("--scale \(scale.name)=\(scale.count): no service '\(scale.name)'; \(known)")
                continue
            }
            counts[scale.name] = scale.count
        }
        return names.flatMap { name in
            (0..<(counts[name] ?? 1)).map { Replica(service: name, number: $0 + 1) }
        }
    }
}

/// One of the processes of a service.
struct Replica: Equatable {
    let service: String
    let number: Int
    /// What its lines are marked with.
    var label: String { "\(service).\(number)" }
}
