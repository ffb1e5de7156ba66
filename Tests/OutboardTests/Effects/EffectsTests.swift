import Testing

@testable import Outboard

@Suite("Effects by field and by day")
struct EffectsTests {
    /// Every merged effect as `key field value`, in the order in which it goes to Redis.
    private func lines(_ effects: Effects) -> [String] {
        var lines: [String] = []
        effects.forEach { lines.append("\($0.key) \($0.fieldText) \($0.value)") }
        return lines
    }

    /// 2026-11-20T23:59:59.999999Z, and the next microsecond.
    private let evening: Int64 = 1_795_219_199_999_999
    private var midnight: Int64 { evening + 1 }

    @Test("a field's histogram has count first, then bucket and sum; equal values merge")
    func observe() throws {
        var effects = Effects()
        for value in [3, 3, 1_000] { effects.observe("duration_us", field: "/a:b", value) }
        try effects.commit()
        #expect(
            lines(effects) == [
                "histograms:duration_us count:/a:b 3", "histograms:duration_us 3:/a:b 2",
                "histograms:duration_us sum:/a:b 1006", "histograms:duration_us 1023:/a:b 1",
            ])
    }

    @Test("a field's count goes before its parts, also when an event before was undone")
    func order() throws {
        var effects = Effects()
        effects.begin(time: 0, now: 0)
        effects.observe("d", field: "x", 1)
        effects.rollback()
        effects.begin(time: 0, now: 0)
        effects.observe("d", field: "x", 2)
        try effects.commit()
        #expect(lines(effects) == ["histograms:d count:x 1", "histograms:d sum:x 2", "histograms:d 2:x 1"])
    }

    @Test("an element counts for the day of its event, UTC")
    func days() throws {
        var effects = Effects()
        for time in [evening, midnight] {
            effects.begin(time: time, now: evening)
            effects.unique("clients", per: .day, element: "10.0.0.1")
            try effects.commit()
        }
        #expect(
            lines(effects) == ["unique:clients:2026-11-20 10.0.0.1 1", "unique:clients:2026-11-21 10.0.0.1 1"])
    }

    @Test("an event more than a day from Redis's clock fails, and says which effect")
    func farTime() {
        var effects = Effects()
        effects.begin(time: evening, now: evening + 86_400_000_000)
        effects.unique("clients", per: .day, element: "a")
        let error = #expect(throws: EffectError.self) { try effects.commit() }
        #expect(error == .timeOutOfRange(name: "clients"))
        #expect(error?.description.contains("\"clients\"") == true)
        effects.rollback()
        #expect(effects.isEmpty)
    }

    @Test("a negative value fails the event")
    func negative() {
        var effects = Effects()
        effects.observe("d", field: "x", -1)
        #expect(throws: EffectError.negativeObservation(name: "d", value: -1)) { try effects.commit() }
    }

    @Test("long fields are cut at 256 bytes, the number in front of them not counted")
    func cut() throws {
        let long = String(repeating: "é", count: 200)
        var effects = Effects()
        effects.observe("d", field: long, 1)
        effects.unique("u", per: .day, element: long)
        try effects.commit()
        let fields = lines(effects).map { $0.split(separator: " ")[1] }
        let cut = String(repeating: "é", count: 128)
        #expect(fields.map(String.init) == ["count:\(cut)", "1:\(cut)", "sum:\(cut)", cut])
    }

    @Test("merges the same in whatever order effects come, events undone in between", arguments: UInt64(0)..<50)
    func anyOrder(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var effects = Effects()
        var expected: [String: Int] = [:]
        for _ in 0..<200 {
            effects.begin(time: 0, now: 0)
            var event: [(field: String, amount: Int)] = []
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                // Lengths around the word sizes by which keys are compared.
                let length = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 40].randomElement(using: &generator) ?? 0
                var field = Array(repeating: UInt8(ascii: "x"), count: length)
                if let place = field.indices.randomElement(using: &generator) { field[place] = UInt8(ascii: "y") }
                event.append((String(decoding: field, as: UTF8.self), Int.random(in: 1...9, using: &generator)))
            }
            for (field, amount) in event { effects.increment("family", field: field, by: amount) }
            guard Bool.random(using: &generator) else { effects.rollback(); continue }
            try effects.commit()
            for (field, amount) in event { expected[field, default: 0] += amount }
        }
        for (field, sum) in expected { #expect(effects.total("family", field: field) == sum, "seed \(seed), \(field)") }
        var entries = 0
        effects.forEach { _ in entries += 1 }
        #expect(entries == expected.count && effects.count == entries)
    }

    /// `count` tells the script how many effects follow: one too many, and Redis would read what comes next as an effect.
    @Test("an overflow counts no effect more than there are, within an event and across two", arguments: [false, true])
    func overflow(isOneEvent: Bool) throws {
        var effects = Effects()
        effects.begin(time: 0, now: 0)
        effects.increment("before")
        effects.increment("x", by: .max)
        if !isOneEvent {
            try effects.commit()
            effects.begin(time: 0, now: 0)
        }
        effects.increment("x", by: 1)
        effects.increment("x", by: 2)
        try effects.commit()
        var (sums, before) = ([Int64](), effects.count)
        effects.forEach { sums.append($0.value) }
        #expect(sums == [1, .max] && before == 2)
        #expect(effects.rejected == ["counters": 2])

        effects.begin(time: 0, now: 0)
        effects.increment("x", by: 1)
        effects.increment("behind")
        effects.rollback()
        before = effects.count
        sums = []
        effects.forEach { sums.append($0.value) }
        #expect(sums == [1, .max] && before == 2)
    }

    @Test("a field that is a number is the same as its text", arguments: [0, 7, 200, -1, .max, .min])
    func numberField(_ number: Int) {
        var effects = Effects()
        effects.increment("status", field: number)
        effects.increment("status", field: "\(number)", by: 2)
        #expect(effects.total("status", field: "\(number)") == 3 && effects.count == 1)
    }

    @Test("fields that differ only behind the number are different entries")
    func distinct() throws {
        var effects = Effects()
        for field in ["a", "b", ""] { effects.observe("d", field: field, 1) }
        try effects.commit()
        #expect(effects.count == 9)
    }
}
