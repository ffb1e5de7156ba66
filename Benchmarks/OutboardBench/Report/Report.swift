import Foundation

/// What one suite has measured.
struct Section: Codable, Sendable {
    let suite: String
    let title: String
    let outcomes: [Outcome]
    /// Subscribers that Redis cut off; nil where nobody subscribed.
    var disconnects: Int?

    init(_ suite: SuiteName, title: String, outcomes: [Outcome]) {
        self.suite = suite.rawValue
        self.title = title
        self.outcomes = outcomes
    }

    subscript(_ name: String) -> Outcome? { outcomes.first { $0.name == name } }
}

/// What a run has measured, as it is kept.
struct Report: Codable, Sendable {
    var date = Date.now
    var machine = Machine.present
    let rounds: Int
    let redis: String
    var sections: [Section] = []
    var goals: [Goal] = []

    init(rounds: Int, redis: String) {
        self.rounds = rounds
        self.redis = redis
    }

    /// Writes a file of its own, named by the date.
    ///
    /// - Returns: Its path.
    func write(to folder: String) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        let place = URL(filePath: folder)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        let stamp = date.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
        let file = place.appending(path: "\(stamp).json")
        try encoder.encode(self).write(to: file)
        return file.relativePath
    }
}

/// Where a run took place.
struct Machine: Codable, Sendable {
    let system: String
    let cores: Int
    let processor: String

    static var present: Machine {
        let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n")
        let model = lines?.first { $0.hasPrefix("model name") }?.split(separator: ":").last
        return Machine(
            system: ProcessInfo.processInfo.operatingSystemVersionString,
            cores: ProcessInfo.processInfo.activeProcessorCount,
            // Only Linux tells it there; the file is missing elsewhere.
            processor: model?.trimmingCharacters(in: .whitespaces) ?? "unknown")
    }
}
