import Testing

@testable import OutboardCLI

@Suite("TextTable")
struct TextTableTests {
    @Test("is as wide as its widest cells, without spaces at the ends of lines")
    func widths() {
        let table = TextTable(
            [.init("name", .left), .init("number"), .init("note", .left)], indentation: 2,
            rows: [["a", "1", ""], ["longer", "1000000", "x"]])
        #expect(
            table.lines == [
                "  name     number  note", "  a             1", "  longer  1000000  x",
            ])
    }

    @Test("cuts what is too long, shows control characters as numbers, takes short rows")
    func cells() {
        let table = TextTable([.init("", .left, limit: 5), .init("")], rows: [["123456"], ["a\u{1B}\nb", "1"]])
        #expect(table.lines == ["1234…", "a\\u{…  1"])
    }
}
