import Testing

@testable import OutboardCLI

@Suite("Lines of children")
struct LineTests {
    @Test("shows a JSON log line as text and sees that its program is ready")
    func json() {
        let line = ChildLine(
            #"{"time":"2026-11-20T23:15:00.123456Z","level":"info","label":"core","message":"ready","metadata":{"port":"8080","a":"b"}}"#
        )
        #expect(line.text == "23:15:00.123 INFO    ready a=b port=8080")
        #expect(line.saysReady)
    }

    @Test(
        "does not take other words for ready", arguments: [#"{"message":"ready"}"#, "already there", "not-ready", ""])
    func notReady(text: String) {
        let line = ChildLine(text)
        #expect(line.text == text)
        #expect(!line.saysReady)
    }

    @Test("takes a plain 'ready' of any program", arguments: ["ready", "12:00 INFO ready replica=7"])
    func plain(text: String) {
        #expect(ChildLine(text).saysReady)
    }

    @Test("marks lines in columns, in colour only where wanted")
    func mark() {
        let plain = LineMark(width: 6, isColoured: false)
        #expect(plain.marked("hello", label: "core", place: 0) == "core   │ hello")
        let coloured = LineMark(width: 4, isColoured: true)
        #expect(coloured.marked("hello", label: "core", place: 7) == "\u{1B}[32mcore │\u{1B}[0m hello")
        #expect(LineMark.isColourWanted(isTerminal: true, environment: [:]))
        #expect(!LineMark.isColourWanted(isTerminal: true, environment: ["NO_COLOR": "1"]))
        #expect(!LineMark.isColourWanted(isTerminal: false, environment: [:]))
    }
}
