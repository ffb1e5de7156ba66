import OutboardRedis

/// What counts, and what does not.
extension PluginCases {
    static func one(_ stage: PluginStage) async throws {
        try await stage.start()
        try await ScriptedPublisher(on: stage.bus).send(1...1, lane: 7)
        try await stage.expect(handled: 1)
    }

    static func batch(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        let events = (1...5).map { publisher.event($0, lane: 0, status: 200 + $0) }
        try await publisher.publish([ScriptedPublisher.batch(events), "[]"], lane: 0)
        try await publisher.record(5, lane: 0)
        try await stage.expect(handled: 5)
    }

    static func many(_ stage: PluginStage) async throws {
        let plugin = try await stage.start()
        let publishers = [try await ScriptedPublisher(on: stage.bus), try await ScriptedPublisher(on: stage.bus)]
        for lane in 0..<ConformanceBus.lanes {
            for (index, publisher) in publishers.enumerated() {
                let status = index == 0 ? 200 : 404
                try await publisher.send(1...3, lane: lane, status: status)
                let rest = (4...8).map { publisher.event($0, lane: lane, status: status) }
                try await publisher.publish([ScriptedPublisher.batch(rest)], lane: lane)
                try await publisher.record(8, lane: lane)
            }
        }
        let half = 8 * ConformanceBus.lanes
        try await stage.expect(handled: 2 * half)
        let account = try await PluginAccount(of: plugin, on: stage.bus)
        guard account.statuses == ["200": Int64(half), "404": Int64(half)] else {
            throw Discrepancy(expected: "counters:status {200: \(half), 404: \(half)}", seen: account.text)
        }
    }

    static func duplicates(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        try await publisher.send(1...3, lane: 2)
        try await stage.expect(handled: 3)
        let again = (1...3).map { publisher.event($0, lane: 2) }
        // As after a reconnect: one by one, as an array, and an array that begins with what is known.
        try await publisher.publish(again.map(\.json) + [ScriptedPublisher.batch(again)], lane: 2)
        let overlapping = again + [publisher.event(4, lane: 2)]
        try await publisher.publish([ScriptedPublisher.batch(overlapping)], lane: 2)
        try await publisher.record(4, lane: 2)
        try await stage.expect(handled: 4)
    }

    static func forms(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        func event(_ number: Int) -> WireEvent { publisher.event(number, lane: 1) }
        let stranger = event(2).with("ours", #"{"id":"9","data":[null,true,-1.5e3,{"type":"x"}]}"#)
            .with("partitionkey", "\"k\"").with(
                "traceparent", "\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"")
        let escaped = event(4).spelling("id", #"\u0069d"#).spelling("specversion", #"spec\u0076ersion"#)
            .with("source", "\"\(publisher.source(1).replacing("/", with: #"\/"#))\"")
            .with("type", #""http\u002erequest""#).with("id", #""\u0034""#)
        let text = event(5).with(
            "data", #"{"status":200,"method":"GET","path":"/\"\\\u00e9\ud83d\ude80é🚀","route":null,"request_id":"r"}"#)
        try await publisher.publish(
            [
                event(1).reversed.json, stranger.json, event(3).json(between: " \t\r\n"), escaped.json, text.json,
                event(6).with("datacontenttype", nil).json, "\n[ \(event(7).json) ,\t\(event(8).reversed.json) ]\n",
            ], lane: 1)
        try await publisher.record(8, lane: 1)
        try await stage.expect(handled: 8)
    }

    static func failed(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        func event(_ number: Int) -> WireEvent { publisher.event(number, lane: 5) }
        try await publisher.publish(
            [
                event(1).json, event(2).with("data", #""text""#).json, event(3).with("data", nil).json,
                event(4).with("data", "[1]").json, event(5).with("time", nil).json,
                event(6).with("time", #""yesterday""#).json,
                event(7).with("time", #""2026-13-32T10:00:00.000000Z""#).json, event(8).json,
            ], lane: 5)
        try await publisher.record(8, lane: 5)
        try await stage.expect(handled: 2, failed: 6)
    }

    static func malformed(_ stage: PluginStage) async throws {
        let plugin = try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        func event(_ number: Int) -> WireEvent { publisher.event(number, lane: 3) }
        let channel = stage.bus.names.events(type: ScriptedPublisher.type, lane: 3)
        try await publisher.send(1...1, lane: 3)
        // Each of these would be number 2, were it an event; what counts it shows it by its status.
        let wrong = publisher.event(2, lane: 3, status: 599)
        try await publisher.publish(
            [
                "", "garbage", "{", "null", "42", #""text""#, "[[[]]]", "[null]", String(repeating: "[", count: 50_000),
                String(wrong.json.dropLast()), wrong.json + "x", wrong.with("specversion", nil).json,
                wrong.with("specversion", #""0.3""#).json, wrong.with("source", nil).json,
                wrong.with("source", "\"\(publisher.source(4))\"").json,
                wrong.with("source", #""/No Publisher/http.request/3""#).json, wrong.with("source", #""nowhere""#).json,
                wrong.with("data", "{\"status\":NaN}").json, wrong.with("type", nil).json,
                wrong.with("type", #""order.placed""#).json, wrong.with("id", nil).json,
                wrong.with("id", "2").json, wrong.with("id", #""0""#).json, wrong.with("id", #""02""#).json,
                wrong.with("id", #""-2""#).json,
                wrong.with("id", #""2.0""#).json, wrong.with("id", #"" 2""#).json,
                wrong.with("id", #""18446744073709551618""#).json,
                wrong.with("padding", "\"\(String(repeating: "x", count: 1 << 20))\"").json,
            ], lane: 3)
        try await stage.bus.publish([(channel, Array(wrong.json.utf8).map { $0 == UInt8(ascii: "/") ? 0xFF : $0 })])
        // In an array each element is judged alone.
        let mixed = [event(2).json, "7", event(9).with("id", nil).json, event(3).json]
        try await publisher.publish(["[\(mixed.joined(separator: ","))]"], lane: 3)
        try await publisher.record(3, lane: 3)
        try await stage.expect(handled: 3)
        let account = try await PluginAccount(of: plugin, on: stage.bus)
        guard account.statuses == ["200": 3] else {
            throw Discrepancy(expected: "counters:status {200: 3}, of the events alone", seen: account.text)
        }
        try await stage.eventually("a number in its replica's field malformed", within: .seconds(4)) {
            guard let (id, _) = try await stage.liveReplicas(of: plugin).first else { return "no live replica" }
            let number = try await stage.bus.hash(stage.bus.names.replica(plugin, id))["malformed"] ?? "no such field"
            return Int(number) ?? 0 > 0 ? nil : number
        }
    }

    static func absurd(_ stage: PluginStage) async throws {
        try await stage.start()
        let publisher = try await ScriptedPublisher(on: stage.bus)
        try await publisher.send(1...2, lane: 6)
        try await publisher.publish([publisher.event(1 << 21, lane: 6).json], lane: 6)
        // A hole that begins later is booked later: when it is, the other one would have been, too.
        try await publisher.send(1...1, lane: 8)
        try await publisher.send(3...3, lane: 8)
        try await stage.expect(handled: 4, missed: 1, within: PluginStage.Patience.loss)
        try await publisher.send(3...3, lane: 6)
        try await stage.expect(handled: 5, missed: 1)
    }
}
