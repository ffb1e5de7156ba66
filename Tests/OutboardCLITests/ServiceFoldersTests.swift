import Foundation
import Testing

@testable import OutboardCLI

@Suite("ServiceFolders")
struct ServiceFoldersTests {
    @Test(
        "turns a folder's name into its program's",
        arguments: [
            ("RequestCounter", "request-counter"), ("Audit", "audit"), ("HTTPLog", "http-log"), ("Top10", "top10"),
            ("already-kebab", "already-kebab"), ("GeoIP", "geo-ip"),
        ])
    func mapping(folder: String, program: String) {
        #expect(ServiceFolders.programName(ofFolder: folder) == program)
    }

    @Test("finds folders only, sorted; none where there is no such folder")
    func names() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "services-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["Zeta", "AlphaBeta", ".hidden"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        try Data().write(to: folder.appending(path: "README.md"))
        #expect(ServiceFolders.names(in: folder.path) == ["alpha-beta", "zeta"])
        #expect(ServiceFolders.names(in: folder.path + "/absent") == [])
    }
}
