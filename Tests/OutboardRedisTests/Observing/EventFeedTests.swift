import Testing

@testable import OutboardRedis

@Suite("EventFeed", .timeLimit(.minutes(1)))
struct EventFeedTests {
    private func offer(_ text: String, to feed: EventFeed) {
        var text = text
        text.withUTF8 { bytes in
            feed.offer(channel: UnsafeRawBufferPointer(bytes), payload: UnsafeRawBufferPointer(bytes))
        }
    }

    @Test("lets go of what is more than it may hold, and says how much")
    func messages() async {
        let feed = EventFeed(limits: .init(messages: 2, bytes: 100))
        for text in ["a", "b", "c", "d"] { offer(text, to: feed) }
        #expect(feed.takeLost() == 2)
        #expect(feed.takeLost() == 0)
        var reader = feed.messages.makeAsyncIterator()
        #expect(await reader.next()?.bytes == Array("a".utf8))
        #expect(await reader.next()?.bytes == Array("b".utf8))
        offer("e", to: feed)
        #expect(await reader.next()?.channel == "e")
    }

    @Test("is bounded in bytes, too, and has room again when they were taken")
    func bytes() async throws {
        let feed = EventFeed(limits: .init(messages: 100, bytes: 10))
        offer("12345678", to: feed)
        offer("123", to: feed)
        #expect(feed.takeLost() == 1)
        var reader = feed.messages.makeAsyncIterator()
        feed.taken(try #require(await reader.next()))
        offer("123", to: feed)
        #expect(feed.takeLost() == 0)
    }
}
