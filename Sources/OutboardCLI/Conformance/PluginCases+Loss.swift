/// What nobody heard, and what was before.
extension PluginCases {
    static func hole(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        try await publisher.send(1...2, lane: 10)
        try await publisher.send(5...6, lane: 10)
        try await stage.expect(handled: 4, missed: 2, within: PluginStage.Patience.loss)
        // What is booked stays booked, though the event comes after all.
        try await publisher.publish([publisher.event(3, lane: 10).json], lane: 10)
        try await publisher.send(7...7, lane: 10)
        try await stage.expect(handled: 5, missed: 2)
    }

    static func tail(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        try await publisher.send(1...2, lane: 11)
        try await publisher.record(5, lane: 11)
        try await publisher.record(4, lane: 12)
        try await stage.expect(handled: 2, missed: 7, within: PluginStage.Patience.loss)
        try await publisher.send(6...6, lane: 11)
        try await publisher.send(5...5, lane: 12)
        try await stage.expect(handled: 4, missed: 7)
    }

    static func newcomer(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        try await publisher.send(3...3, lane: 13)
        try await stage.expect(handled: 1, missed: 2, within: PluginStage.Patience.loss)
    }

    static func baseline(_ stage: PluginStage) async throws {
        let publisher = try await ScriptedPublisher(on: stage.bus, recorded: [14: 7, 15: 4])
        try await stage.start()
        // 14 goes on, 15 is silent, 16 had not begun: its first event is the plugin's, though nobody heard it.
        try await publisher.send(8...8, lane: 14)
        try await publisher.send(2...2, lane: 16)
        try await stage.expect(handled: 2, missed: 1, baseline: 11, within: PluginStage.Patience.loss)
        try await publisher.send(5...5, lane: 15)
        try await stage.expect(handled: 3, missed: 1, baseline: 11)
    }
}
