import Foundation
import OutboardRedis

extension Certificate {
    /// Violations that are told in full.
    private static let limit = 10

    /// As a person reads it.
    var text: String {
        let kinds = FaultKind.allCases.compactMap { kind in faults[kind].map { "\($0) × \(kind.rawValue)" } }
        let left = FaultKind.allCases.filter { faults[$0] == nil }.map(\.rawValue)
        var lines = [
            "certificate",
            row("seed", "\(settings.seed)"),
            row(
                "run",
                "\(settings.publishers) publishers, \(settings.replicas) replicas, \(settings.rate) events/s "
                    + "for \(settings.seconds) s"),
            row("faults", "\(faults.values.reduce(0, +))"),
        ]
        lines += kinds.map { row("", $0) }
        if !left.isEmpty { lines.append(row("", "none of: \(left.joined(separator: ", "))")) }
        lines += [
            row("published", "\(account.published)"), row("counted", "\(counters.requests)"),
            row("missed", "\(missed)"), row("failed", "\(failed)  (events that are made to fail)"),
            row("before", "\(before)"), row("unaccounted", "\(unaccounted)"), row("counted twice", "\(countedTwice)"),
            row("verdict", holds ? "HOLDS" : "DOES NOT HOLD"),
        ]
        let violations = violations
        lines += violations.prefix(Self.limit).map { row("", $0) }
        if violations.count > Self.limit { lines.append(row("", "… and \(violations.count - Self.limit) more")) }
        return (lines + [row("again", command)]).joined(separator: "\n") + "\n"
    }

    private func row(_ name: String, _ value: String) -> String {
        "  " + name + String(repeating: " ", count: max(1, 15 - name.count)) + value
    }

    private struct JSON: Encodable {
        let seed: UInt64
        let seconds, rate, replicas, publishers: Int
        let faults: [String: Int]
        let published, counted, missed, failed, before, unaccounted, countedTwice: Int64
        let holds: Bool
        let violations: [String]
        let command: String
    }

    /// As a program reads it.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let json = JSON(
            seed: settings.seed, seconds: settings.seconds, rate: settings.rate, replicas: settings.replicas,
            publishers: settings.publishers,
            faults: Dictionary(uniqueKeysWithValues: faults.map { ($0.key.rawValue, $0.value) }),
            published: account.published, counted: counters.requests, missed: missed, failed: failed, before: before,
            unaccounted: unaccounted, countedTwice: countedTwice, holds: holds, violations: violations,
            command: command)
        return String(decoding: try encoder.encode(json), as: UTF8.self) + "\n"
    }
}
