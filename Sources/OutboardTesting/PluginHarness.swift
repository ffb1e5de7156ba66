public import Outboard

/// Runs a plugin as what it is: a function from events to effects, without Redis.
///
/// ```swift
/// var harness = PluginHarness(RequestCounter())
/// try harness.handle(HTTPRequest(method: "GET", path: "/hello", status: 200, requestID: "1"))
/// #expect(harness.total("requests") == 1)
/// ```
///
/// An event's data goes through JSON first, as on the bus, so a payload that cannot be written or read fails here, too.
/// An event that throws changes nothing; on the bus it counts as failed.
public struct PluginHarness<P: Plugin>: Sendable {
    /// The plugin; change its `configuration` here.
    public var plugin: P
    /// Redis's clock: an event more than a day from it has no time bucket and fails.
    public var now: Timestamp
    private var effects = Effects()
    private var nextNumber: UInt64 = 1

    /// - Parameters:
    ///   - plugin: With the configuration that is to be tested.
    ///   - now: Redis's clock, and the time of events that are given none.
    public init(_ plugin: P, now: Timestamp = .now) {
        self.plugin = plugin
        self.now = now
    }

    /// Hands the plugin an event a payload, in order.
    ///
    /// - Parameter time: When they happened; `now` unless given.
    /// - Throws: What the handler throws, `EffectError` if an effect cannot be taken, `EventError` if a payload has no JSON
    ///   form; events before that one stay.
    public mutating func handle(_ payloads: P.Payload..., at time: Timestamp? = nil) throws {
        for payload in payloads {
            let data = try Self.received(payload)
            let event = Event(data, id: nextNumber, time: time ?? now)
            nextNumber += 1
            effects.begin(time: event.time.microseconds, now: now.microseconds)
            do {
                try plugin.effects(of: event, into: &effects)
                try effects.commit()
            } catch {
                effects.rollback()
                throw error
            }
        }
    }

    /// Whether no event has changed anything.
    public var isUnchanged: Bool { effects.isEmpty }

    /// What was added to a counter, or to one field of a family; 0 if nothing was.
    public func total(_ name: String, field: String? = nil) -> Int { effects.total(name, field: field) }

    /// A family of counters by field.
    public func fields(_ name: String) -> [String: Int] { values([.family], name) }

    /// A series by the start of its buckets, as in `2026-11-20T23:15:00Z`.
    public func series(_ name: String, per unit: SeriesUnit) -> [String: Int] { values([EffectKind(unit)], name) }

    /// A histogram.
    public func histogram(_ name: String) -> Histogram {
        Histogram(fields: values([.bucket, .bucketCount, .bucketSum], name))
    }

    /// The histogram of one field.
    public func histogram(_ name: String, field: String) -> Histogram {
        let parts = values([.fieldCount, .fieldBucket, .fieldSum], name).compactMap { part, value in
            // `<part>:<field>`, and a field may have colons.
            part.firstIndex(of: ":").flatMap { colon in
                part[part.index(after: colon)...] == field ? (String(part[..<colon]), value) : nil
            }
        }
        return Histogram(fields: Dictionary(parts) { $1 })
    }

    /// The members of a ranking with their scores.
    public func scores(_ name: String) -> [String: Int] { values([.rank], name) }

    /// The different elements of all time.
    public func elements(_ name: String) -> Set<String> { Set(values([.unique], name).keys) }

    /// The different elements of one day, as in `2026-11-20`.
    public func elements(_ name: String, on day: String) -> Set<String> {
        var elements: Set<String> = []
        effects.forEach { effect in
            guard effect.kind == .uniqueDay, effect.nameText == name, effect.key.hasSuffix(":\(day)") else { return }
            elements.insert(effect.fieldText)
        }
        return elements
    }

    /// The largest value; nil if there was none.
    public func maximum(_ name: String) -> Int? { values([.maximum], name)[name] }

    /// The smallest value; nil if there was none.
    public func minimum(_ name: String) -> Int? { values([.minimum], name)[name] }

    /// Effects that the plugin had and its manifest does not declare, as key and name; none where the manifest is complete.
    public var undeclared: Set<String> {
        let declared = P.manifest.effects.map { "\($0.key) \($0.name) \($0.unit?.rawValue ?? "")" }
        var undeclared: Set<String> = []
        effects.forEach { effect in
            let key = MergedEffect.key(effect.kind, name: effect.nameText)
            guard !declared.contains("\(key) \(effect.nameText) \(effect.kind.unit?.rawValue ?? "")") else { return }
            undeclared.insert("\(key) \(effect.nameText)")
        }
        return undeclared
    }

    private func values(_ kinds: Set<EffectKind>, _ name: String) -> [String: Int] {
        var values: [String: Int] = [:]
        effects.forEach { effect in
            guard kinds.contains(effect.kind), effect.nameText == name else { return }
            values[effect.fieldText] = Int(effect.value)
        }
        return values
    }

    private static func received(_ payload: P.Payload) throws -> P.Payload {
        var json = JSONWriter()
        try payload.write(to: &json)
        return try P.Payload.read(from: try json.withBytes { try JSONSlice(checking: $0) })
    }
}
