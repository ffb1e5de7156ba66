import Foundation
import Processes
import Testing

@testable import OutboardCLI

@Suite("ServiceWatch")
struct ServiceWatchTests {
    /// Two services with a folder and a program each.
    private func labels(unloaded: Set<String>, wanted: [String: Int] = [:]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }  // the system's own folder; it goes with that, too
        let (programs, services) = (folder.appending(path: "programs"), folder.appending(path: "Services"))
        let board = ServiceBoard(dataFolder: folder.appending(path: "data"))
        try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
        try board.clear()
        for (name, program) in [("Hello", "hello"), ("Other", "other")] {
            try FileManager.default.createDirectory(
                at: services.appending(path: name), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                at: URL(filePath: "/bin/sh").resolvingSymlinksInPath(), to: programs.appending(path: program))
        }
        for (name, replicas) in wanted { try board.want(WantedService(replicas: replicas), of: name) }
        let plan = UpPlan(
            replicas: [], unloaded: unloaded, redisPort: 6390, redisURL: nil, httpPort: "8080", programs: programs,
            data: folder.appending(path: "data"))
        return ServiceWatch(plan: plan, servicesFolder: services.path, board: board).children.map(\.label)
    }

    @Test("a service whose folder and program have appeared is loaded")
    func appears() throws {
        #expect(try labels(unloaded: []) == ["core", "hello.1", "other.1"])
    }

    @Test("--scale NAME=0 keeps a service out, until somebody wants it")
    func unloaded() throws {
        #expect(try labels(unloaded: ["hello"]) == ["core", "other.1"])
        #expect(try labels(unloaded: ["hello"], wanted: ["hello": 2]) == ["core", "hello.1", "hello.2", "other.1"])
    }
}
