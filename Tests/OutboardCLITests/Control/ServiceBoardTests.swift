import Foundation
import Processes
import Testing

@Suite("ServiceBoard")
struct ServiceBoardTests {
    private func withBoard(_ body: (ServiceBoard, URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "board-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: folder) }
        let board = ServiceBoard(dataFolder: folder)
        #expect(!board.exists)
        try board.clear()
        #expect(board.exists)
        try body(board, folder)
    }

    @Test("what is wanted goes before what runs, and a program stays while replicas come and go")
    func merges() throws {
        try withBoard { board, _ in
            #expect(board.services().isEmpty && !board.hasProgram("sh"))
            try board.note(.init(programs: "/bin", services: ["a": WantedService(replicas: 1)]))
            try board.want(WantedService(program: "/opt/b", replicas: 1), of: "b")
            try board.scale("a", to: 4)
            try board.scale("b", to: 0)
            #expect(
                board.services() == [
                    "a": WantedService(replicas: 4), "b": WantedService(program: "/opt/b", replicas: 0),
                ])
            #expect(try board.scale("b", to: 2) == WantedService(program: "/opt/b", replicas: 2))
            #expect(board.hasProgram("sh") && !board.hasProgram("no-such-program"))
        }
    }

    @Test("a new 'outboard up' begins with a clean board")
    func clears() throws {
        try withBoard { board, _ in
            try board.note(.init(programs: "/bin", services: ["a": WantedService(replicas: 1)]))
            try board.scale("a", to: 4)
            try board.clear()
            #expect(board.services().isEmpty && !board.hasProgram("sh"))
        }
    }

    @Test("what cannot be read is not wanted", arguments: ["", "{", #"{"replicas":100}"#, #"{"replicas":-1}"#])
    func damaged(text: String) throws {
        try withBoard { board, folder in
            try Data(text.utf8).write(to: folder.appending(path: "wanted/a.json"))
            #expect(board.wantedServices().isEmpty)
        }
    }

    @Test("a file is replaced as a whole, so whoever reads meanwhile has the old one")
    func whole() throws {
        try withBoard { board, folder in
            try board.scale("a", to: 1)
            let (file, old) = (folder.appending(path: "wanted/a.json"), folder.appending(path: "old"))
            try FileManager.default.linkItem(at: file, to: old)
            let before = try Data(contentsOf: old)
            try board.scale("a", to: 2)
            #expect(try Data(contentsOf: old) == before && Data(contentsOf: file) != before)
        }
    }

    @Test("what cannot be written leaves nothing behind, and says where and why")
    func unwritable() throws {
        try withBoard { board, folder in
            // In the place of the file is a folder, which no rename replaces; the bytes were written by then.
            let place = folder.appending(path: "wanted/a.json/x")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            let failure = try #require(throws: ServiceBoard.Failure.self) { try board.scale("a", to: 1) }
            #expect(failure.folder == folder.appending(path: "wanted").path)
            #expect(failure.reason == "Is a directory" || failure.reason == "Directory not empty", "\(failure)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: failure.folder) == ["a.json"])
            #expect(board.wantedServices().isEmpty)
        }
    }
}
