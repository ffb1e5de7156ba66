import Outboard
import Testing

@testable import OutboardRedis

/// Keeps the request that it was given last, if it is told to.
private struct Keeper: Plugin {
    static let manifest = Manifest(name: "keeper", version: "1.0.0", summary: "Counts.")
    final class Box: @unchecked Sendable { var kept: HTTPRequest? }

    var box: Box?
    init() {}

    func effects(of event: Event<HTTPRequest>, into effects: inout Effects) {
        effects.increment("requests")
        box?.kept = event.data
    }
}

@Suite("What hands events to a plugin")
struct PluginHandlerTests {
    private func message(_ path: String) throws -> [UInt8] {
        var writer = EventWriter()
        try writer.write(
            HTTPRequest(method: "GET", path: path, status: 200, requestID: "r"),
            template: EventTemplate(publisher: "p", type: HTTPRequest.eventType, lane: 0), id: 1, time: .now)
        return writer.withBytes { Array($0) }
    }

    private func hand(_ slice: ByteSlice, to handler: any EventHandler) throws {
        var effects = Effects()
        try EventScanner.withElement(in: slice) { element in
            effects.begin(time: 0, now: 0)
            try handler.handle(element, slice, into: &effects)
            try effects.commit()
        }
    }

    @Test("holds on to nothing of the last event while it rests: its memory serves again")
    func rests() throws {
        let handler = PluginHandler(Keeper(), budgetMicroseconds: 1_000_000)
        let bytes = try message("/a")
        var chunk = ByteChunk(capacity: 4_096)
        try hand(try #require(bytes.withUnsafeBytes { chunk.append($0) }), to: handler)
        handler.rest()
        #expect(ByteChunk.reuse(&chunk))
    }

    @Test("what a plugin keeps of an event stays as it was")
    func kept() throws {
        var plugin = Keeper()
        let box = Keeper.Box()
        plugin.box = box
        let handler = PluginHandler(plugin, budgetMicroseconds: 1_000_000)
        for path in ["/a", "/b"] {
            let slice = try message(path).withUnsafeBytes { ByteSlice(copying: $0) }
            let before = box.kept
            try hand(slice, to: handler)
            #expect(box.kept?.path == path)
            if path == "/b" { #expect(before?.path == "/a") }
        }
    }
}
