import Testing

@testable import Outboard

/// One event as text, every attribute as JSON of its own so that a test can break one of them.
struct EventText {
    var members: [(name: String, value: String)] = [
        ("specversion", #""1.0""#), ("source", #""/core-1/http.request/7""#), ("id", #""42""#),
        ("type", #""http.request""#), ("time", #""2026-11-20T23:15:42.000117Z""#),
        ("datacontenttype", #""application/json""#),
        ("data", #"{"method":"GET","path":"/","route":null,"status":200}"#),
    ]

    subscript(name: String) -> String? {
        get { members.first { $0.name == name }?.value }
        set {
            guard let index = members.firstIndex(where: { $0.name == name }) else {
                if let newValue { members.append((name, newValue)) }
                return
            }
            if let newValue { members[index].value = newValue } else { members.remove(at: index) }
        }
    }

    func with(_ name: String, _ value: String?) -> EventText {
        var copy = self
        copy[name] = value
        return copy
    }

    var text: String { "{" + members.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}" }
}

/// What the scanner said of one element, copied.
struct Verdict: Equatable, Sendable {
    var malformed: Malformation?
    var unusable: Unusability?
    var source = ""
    var type = ""
    var id: UInt64 = 0
    var time: Timestamp?
    var bytes: [UInt8] = []
}

func verdicts(_ message: [UInt8]) -> [Verdict] {
    message.withUnsafeBytes { message in
        var verdicts: [Verdict] = []
        EventScanner.scan(message) { element in
            guard element.malformed == nil else {
                verdicts.append(Verdict(malformed: element.malformed))
                return
            }
            verdicts.append(
                Verdict(
                    unusable: element.unusable, source: String(decoding: element.source, as: UTF8.self),
                    type: String(decoding: element.type, as: UTF8.self), id: element.id,
                    time: element.unusable == .time ? nil : element.time, bytes: Array(element.bytes)))
        }
        return verdicts
    }
}

func verdicts(_ message: String) -> [Verdict] { verdicts(Array(message.utf8)) }

func slice(_ text: String) -> ByteSlice {
    Array(text.utf8).withUnsafeBytes { ByteSlice(copying: $0) }
}

/// Makes the event of a message that is one object.
func event<Payload: EventPayload>(_ message: String, of: Payload.Type) throws -> Event<Payload> {
    let bytes = slice(message)
    return try EventScanner.withElement(in: bytes) { element in
        #expect(element.malformed == nil)
        return try element.makeEvent(of: Payload.self, in: bytes)
    }
}

/// A generator whose run can be repeated (SplitMix64, public domain algorithm by Sebastiano Vigna).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
