import Testing

@testable import Outboard

@Suite("Byte chunk: written once, read anywhere")
struct ByteChunkTests {
    private func append(_ text: String, to chunk: ByteChunk) -> ByteSlice? {
        Array(text.utf8).withUnsafeBytes { chunk.append($0) }
    }

    private func text(_ slice: ByteSlice?) -> String? {
        slice?.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("keeps what was appended, in place")
    func appends() {
        let chunk = ByteChunk(capacity: 8)
        let first = append("abc", to: chunk)
        let second = append("defgh", to: chunk)
        #expect(text(first) == "abc")
        #expect(text(second) == "defgh")
        #expect(text(append("", to: chunk)) == "")
    }

    @Test("refuses what does not fit and stays as it was")
    func full() {
        let chunk = ByteChunk(capacity: 4)
        let first = append("abc", to: chunk)
        #expect(append("de", to: chunk) == nil)
        #expect(text(append("d", to: chunk)) == "d")
        #expect(append("e", to: chunk) == nil)
        #expect(text(first) == "abc")
    }

    @Test("a slice outlives its chunk's owner")
    func outlives() {
        func make() -> ByteSlice? { append("kept", to: ByteChunk(capacity: 4)) }
        #expect(text(make()) == "kept")
    }

    @Test("a part of a slice is what lies there")
    func parts() throws {
        let whole = try #require(append("abcdef", to: ByteChunk(capacity: 16)))
        let part = whole[2..<5]
        #expect(text(part) == "cde")
        #expect(text(part[1..<2]) == "d")
        #expect(text(whole[6..<6]) == "")
    }

    @Test("is used again only when nobody holds a part of it")
    func reuse() {
        var chunk = ByteChunk(capacity: 4)
        var slice = append("abcd", to: chunk)
        #expect(!ByteChunk.reuse(&chunk))
        #expect(text(slice) == "abcd")
        slice = nil
        #expect(ByteChunk.reuse(&chunk))
        #expect(text(append("efgh", to: chunk)) == "efgh")
    }

    @Test("slices are read by many tasks while the owner appends", .timeLimit(.minutes(1)))
    func shared() async {
        let chunk = ByteChunk(capacity: 1 << 16)
        await withDiscardingTaskGroup { group in
            for number in 0..<500 {
                let slice = append("event \(number)", to: chunk)
                group.addTask { #expect(slice?.withBytes { String(decoding: $0, as: UTF8.self) } == "event \(number)") }
            }
        }
    }
}
