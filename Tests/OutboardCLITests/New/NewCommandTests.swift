import Foundation
import Outboard
import OutboardTesting
import Testing

@testable import OutboardCLI

@Suite("outboard new", .timeLimit(.minutes(1)))
struct NewCommandTests {
    private static let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    /// Runs `outboard new` in an empty folder, hands out its exit code and lines and the folder's files.
    private func new(
        _ arguments: [String], prepare: (URL) throws -> Void = { _ in },
        _ check: (_ code: Int32, _ lines: [String], _ files: [String: String]) throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "new-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try prepare(folder)
        let command = try ChildProcess(
            Executables.product("outboard"), arguments: ["new"] + arguments + ["--path", folder.path])
        let code = try await command.waitForExit()
        try check(code, command.lines, try Self.files(in: folder))
    }

    /// Path → text of all files in a folder, hidden ones among them.
    private static func files(in folder: URL) throws -> [String: String] {
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
            !$0.hasPrefix(".build") && $0 != "Package.resolved"
        }
        var files: [String: String] = [:]
        for path in paths {
            let file = folder.appending(path: path)
            guard try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            files[path] = try String(contentsOf: file, encoding: .utf8)
        }
        return files
    }

    @Test("writes what lies in Examples/HelloPlugin, which CI builds, tests and runs")
    func golden() throws {
        let golden = try Self.files(in: Self.root.appending(path: "Examples/HelloPlugin"))
        let written = PluginPackage(plugin: try NewPlugin("hello"), dependency: .checkout("../..")).files
        #expect(written.keys.sorted() == golden.keys.sorted())
        for (path, text) in golden { #expect(written[path] == text, "\(path)") }
    }

    @Test("takes Outboard from the public repository where there is no checkout")
    func repository() throws {
        let files = PluginPackage(plugin: try NewPlugin("hello"), dependency: .repository).files
        #expect(
            files["Package.swift"]?.contains(
                #".package(url: "https://github.com/outboard-swift/outboard", branch: "main")"#) == true)
        #expect(!files.values.contains { $0.contains("OUTBOARD_CHECKOUT") || $0.contains("additional_contexts") })
    }

    @Test("quotes a path that has quotation marks")
    func quoting() throws {
        let files = PluginPackage(plugin: try NewPlugin("hello"), dependency: .checkout(#"/a "b\c"#)).files
        #expect(files["Package.swift"]?.contains(#"?? "/a \"b\\c")"#) == true)
        #expect(files["compose.yaml"]?.contains(#"{outboard: "/a \"b\\c"}"#) == true)
    }

    @Test("in an empty folder writes a package that depends on the checkout it was built in")
    func package() async throws {
        try await new(["greeter"]) { code, lines, files in
            #expect(code == 0)
            #expect(lines.first?.hasPrefix("wrote the package greeter to ") == true)
            let own = try NewPlugin("greeter")
            let root = Self.root.standardizedFileURL.path
            #expect(
                files == PluginPackage(plugin: own, dependency: .checkout(root)).files)
        }
    }

    @Test("with --json tells a program what was written: every file that is there, and what comes next")
    func json() async throws {
        struct Answer: Decodable {
            let plugin, type, kind, folder, next: String
            let files: [String]
        }
        func answer(_ lines: [String]) throws -> Answer {
            try JSONDecoder().decode(Answer.self, from: Data(lines.joined(separator: "\n").utf8))
        }
        try await new(["order-statistics", "--json"]) { code, lines, files in
            let answer = try answer(lines)
            #expect(code == 0 && answer.plugin == "order-statistics" && answer.type == "OrderStatistics")
            #expect(answer.kind == "package" && answer.files == files.keys.sorted())
            #expect(answer.folder.hasPrefix("/") && answer.next.contains("swift test\nOUTBOARD_REDIS_URL="))
        }
        let prepare: (URL) throws -> Void = { folder in
            let manifest = "let package = Package(\n    name: \"outboard\",\n    targets: [])\n"
            try Data(manifest.utf8).write(to: folder.appending(path: "Package.swift"))
        }
        try await new(["order-statistics", "--json"], prepare: prepare) { code, lines, files in
            let answer = try answer(lines)
            #expect(code == 0 && answer.kind == "service")
            #expect(answer.files == files.keys.sorted().filter { $0 != "Package.swift" })
            #expect(answer.next.hasPrefix("Now add it to the lists of services."))
        }
    }

    @Test("never writes to a folder that holds something, or over a file")
    func occupied() async throws {
        let note = "mine"
        try await new(["greeter"], prepare: { try Data(note.utf8).write(to: $0.appending(path: "notes.txt")) }) {
            code, lines, files in
            #expect(code == 64)
            #expect(lines.last?.contains("holds notes.txt") == true)
            #expect(files == ["notes.txt": note])
        }
        // A hidden file does not make a folder occupied, and is not overwritten either.
        try await new(["greeter"], prepare: { try Data(note.utf8).write(to: $0.appending(path: ".gitignore")) }) {
            code, lines, files in
            #expect(code == 64)
            #expect(lines.last == "  - .gitignore: is there already, and nothing is overwritten; move it away")
            #expect(files == [".gitignore": note])
        }
    }

    @Test("in a checkout of Outboard writes a service, and says what to add where")
    func service() async throws {
        let manifest = "let package = Package(\n    name: \"outboard\",\n    targets: [.target(name: \"Latency\")])\n"
        let prepare: (URL) throws -> Void = { folder in
            try Data(manifest.utf8).write(to: folder.appending(path: "Package.swift"))
        }
        try await new(["order-statistics"], prepare: prepare) { code, lines, files in
            #expect(code == 0)
            var files = files
            #expect(files.removeValue(forKey: "Package.swift") == manifest)
            #expect(
                files.keys.sorted() == [
                    "Services/OrderStatistics/OrderStatistics.swift", "Services/OrderStatistics/README.md",
                    "Tests/ServicesTests/OrderStatisticsTests.swift",
                ])
            for line in [
                "        .executable(name: \"order-statistics\", targets: [\"OrderStatistics\"]),",
                "            packageAccess: false,", "  order-statistics:", "      args: {PRODUCT: order-statistics}",
            ] { #expect(lines.contains(line), "\(line)") }
        }
        try await new(["latency"], prepare: prepare) { code, lines, files in
            #expect(code == 64)
            #expect(lines.last?.contains("Package.swift has a target Latency") == true)
            #expect(files.keys.sorted() == ["Package.swift"])
        }
    }

    @Test("what it says to add is what stands there for a service that is")
    func additions() throws {
        // Each paragraph is a heading, which names a file, and the lines to add.
        let paragraphs = ServiceFiles(plugin: try NewPlugin("top-paths")).additions.components(separatedBy: "\n\n")
        var compared: [String] = []
        for paragraph in paragraphs {
            let lines = paragraph.split(separator: "\n")
            guard let heading = lines.first, heading.contains(":"), lines.count > 1 else { continue }
            let file = String(heading.prefix { $0 != "," })
            let text = try String(contentsOf: Self.root.appending(path: file), encoding: .utf8)
            let added = lines.dropFirst().joined(separator: "\n")
            // Package.swift lists the services of a test in one line.
            #expect(text.contains(lines.count == 2 ? added.trimmingCharacters(in: [" "]) : added), "\(heading)")
            compared.append(file)
        }
        #expect(compared == ["Package.swift", "Package.swift", "Package.swift", "Makefile", "compose.yaml"])
    }

    @Test("refuses bad names and folders that are no checkout")
    func refusals() async throws {
        try await new(["Hello"]) { code, lines, files in
            #expect(code == 64 && lines.last?.hasPrefix("  - plugin name 'Hello'") == true)
            #expect(files.isEmpty)
        }
        try await new(["hello", "--outboard", "/nowhere"]) { code, lines, files in
            #expect(code == 64 && lines.last?.hasPrefix("  - --outboard '/nowhere'") == true)
            #expect(files.isEmpty)
        }
    }
}
