import ArgumentParser
import Foundation
import OutboardTesting

/// What a child process of the bench does; it goes as JSON in the child's only argument.
enum Role: Codable, Sendable {
    case referencePublisher(ReferencePublisher)
    case referenceSubscriber(ReferenceSubscriber)
    case blast(ReferenceBlast)
    case publisher(PublisherRole)
    case load(LoadRole)
    case replica(ReplicaRole)
    case naive(NaiveRole)
    case server(ServerRole)
    case coders(CoderRole)

    /// What a child writes before its sample.
    static let resultMark = "result "
    static let warmMark = "warm"
    static let readyMark = "ready"

    func run() async throws -> Sample {
        switch self {
        case .referencePublisher(let role): try role.run()
        case .referenceSubscriber(let role): try role.run()
        case .blast(let role): try role.run()
        case .publisher(let role): try await role.run()
        case .load(let role): try await role.run()
        case .replica(let role): try await role.run()
        case .naive(let role): try await role.run()
        case .server(let role): try await role.run()
        case .coders(let role): try role.run()
        }
    }

    /// Tells the parent something; a line at once, however standard output is buffered.
    static func say(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// Starts a child that plays this role.
    func start() throws -> ChildProcess {
        let json = String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
        guard let program = Bundle.main.executableURL else { throw BenchError("this program does not know its file") }
        return try ChildProcess(program, arguments: ["role", json])
    }

    /// Starts a child and takes its sample.
    func sample() async throws -> Sample { try await Self.sample(of: start()) }

    static func sample(of child: ChildProcess) async throws -> Sample {
        let line = try await child.waitForLine(containing: resultMark, within: .seconds(180))
        try await child.waitForExit()
        return try JSONDecoder().decode(Sample.self, from: Data(line.dropFirst(resultMark.count).utf8))
    }
}

struct RoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "What the bench starts as a child.", shouldDisplay: false)

    @Argument var json: String

    @concurrent func run() async throws {
        let role = try JSONDecoder().decode(Role.self, from: Data(json.utf8))
        let sample = try await role.run()
        Role.say(Role.resultMark + String(decoding: try JSONEncoder().encode(sample), as: UTF8.self))
    }
}
