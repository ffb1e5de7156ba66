import Testing

@testable import OutboardRedis

@Suite("What replicas list")
struct LaneListTests {
    @Test("a list reads as it was written; other types and damaged words are nobody's lanes")
    func lists() {
        let text = LaneList.text([0, 7, 255], type: "a.b")
        #expect(text == "a.b:0 a.b:7 a.b:255")
        #expect(LaneList.lanes(text, type: "a.b") == [0, 7, 255])
        #expect(LaneList.lanes("a.b:1 a:2 b.a.b:3 a.b: a.b:x a.b 4", type: "a.b") == [1])
    }

    @Test("a list that changes is read again, one that is gone is nobody's, and a new replica has its own")
    func remembered() {
        var lists = LaneLists()
        let one = "t:1 t:2"
        #expect(lists.read(["x": one, "y": "t:3"], type: "t") == ["x": [1, 2], "y": [3]])
        #expect(lists.read(["x": one, "y": "t:3 t:4"], type: "t") == ["x": [1, 2], "y": [3, 4]])
        #expect(lists.read(["x": ""], type: "t") == ["x": []])
        #expect(lists.read(["y": "t:5", "z": one], type: "t") == ["y": [5], "z": [1, 2]])
        #expect(lists.read([:], type: "t").isEmpty)
    }
}
