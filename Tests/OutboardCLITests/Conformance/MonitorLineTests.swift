import Testing

@testable import OutboardCLI

@Suite("A line of MONITOR")
struct MonitorLineTests {
    @Test("is a command's name in upper case and its arguments")
    func words() {
        let line = MonitorLine(#"1339518083.107412 [0 127.0.0.1:60866] "hset" "a b" "f" "0" "g" """#)
        #expect(line?.words == ["HSET", "a b", "f", "0", "g", ""])
        #expect(line?.fields(of: "a b").map(\.field) == ["f", "g"])
        #expect(line?.fields(of: "a b").map(\.value) == ["0", ""])
        #expect(line?.fields(of: "another").isEmpty == true)
    }

    @Test("has its escapes undone")
    func escapes() {
        let line = MonitorLine(#"1.2 [0 lua] "PUBLISH" "n:events:t:0" "{\"a\\b\":\"\n\x00\xc3\xa9\"}""#)
        #expect(line?.words == ["PUBLISH", "n:events:t:0", "{\"a\\b\":\"\n\0é\"}"])
        #expect(line?.publishesEvent("n:events:t:") == true)
        #expect(line?.publishesEvent("n:events:u:") == false)
    }

    @Test("is not what else is written there", arguments: ["", "OK", "1.2 [0 a:1] \"get\" \"cut", "1.2 [0 a:1] get"])
    func others(_ text: String) {
        #expect(MonitorLine(text) == nil)
    }
}
