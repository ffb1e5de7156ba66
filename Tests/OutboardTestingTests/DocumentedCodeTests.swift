import Foundation
import Testing

@Suite("docs/testing.md")
struct DocumentedCodeTests {
    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()

    /// Lines without indentation, empty ones left out.
    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    private static func code(in page: String) -> [[String]] {
        page.components(separatedBy: "```swift\n").dropFirst().map { part in
            lines(part.components(separatedBy: "\n```")[0])
        }
    }

    @Test("its code is the code of these tests")
    func code() throws {
        let root = Self.tests.deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/testing.md"), encoding: .utf8)
        let sources = try FileManager.default.contentsOfDirectory(at: Self.tests, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "swift" }
            .map { Self.lines(try String(contentsOf: $0, encoding: .utf8)).joined(separator: "\n") }
        let blocks = Self.code(in: page)
        #expect(blocks.count >= 3)
        for block in blocks {
            let text = block.joined(separator: "\n")
            #expect(sources.contains { $0.contains(text) }, "not among the tests: \(text)")
        }
    }
}
