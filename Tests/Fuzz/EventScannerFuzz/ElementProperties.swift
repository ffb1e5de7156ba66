import Foundation

/// What must hold for an element that the scanner takes for an event.
enum ElementProperties {
    static func check(_ element: borrowing ScannedElement) {
        precondition(element.id > 0 && element.id < 1 << 53, "an id is in range")
        precondition(element.bytes.count <= EventWriter.limit, "an event is not over 1 MiB")
        readsAloneAsInItsMessage(element)
        readsTheLongWayAsTheShort(element)
        agreesWithFoundation(element)
        checkEvent(element)
    }

    private static func readsAloneAsInItsMessage(_ element: borrowing ScannedElement) {
        let slice = ByteSlice(copying: element.bytes)
        let expected = Verdict(element)
        EventScanner.withElement(in: slice) { precondition(Verdict($0) == expected, "a kept event reads the same") }
    }

    /// A space behind the brace keeps the event from the short way (`noteInOwnOrder`).
    private static func readsTheLongWayAsTheShort(_ element: borrowing ScannedElement) {
        let spaced = [UInt8(ascii: "{"), 0x20] + Array(element.bytes.dropFirst())
        let expected = Verdict(element)
        guard spaced.count <= EventWriter.limit else { return }
        spaced.withUnsafeBytes {
            let other = EventScanner.element(in: $0)
            precondition(Verdict(other) == expected, "both ways read the same")
        }
    }

    private static func agreesWithFoundation(_ element: borrowing ScannedElement) {
        guard element.bytes.count < 4_096 else { return }
        let bytes = Array(element.bytes)
        guard let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            return precondition(Beyond.foundation(bytes), "what is taken for JSON is JSON")
        }
        // Foundation takes the first of two members with the same name; both are right by RFC 8259.
        guard !Beyond.foundation(bytes), Beyond.hasNamesOnce(bytes) else { return }
        precondition(object["id"] as? String == String(element.id), "the id is the one that is written")
        precondition(object["source"] as? String == String(decoding: element.source, as: UTF8.self), "so is the source")
    }

    private static func checkEvent(_ element: borrowing ScannedElement) {
        let slice = ByteSlice(copying: element.bytes)
        guard let event = try? element.makeEvent(of: HTTPRequest.self, in: slice) else { return }
        precondition(element.unusable == nil, "what is unusable makes no event")
        _ = (event.source, event.partitionKey, event.traceparent, event.time.description)

        var made = event.data
        made.status = event.data.status
        precondition(made == event.data, "a request that was made anew is the same")
        var writer = EventWriter()
        guard let template = try? EventTemplate(publisher: "fuzz", type: HTTPRequest.eventType, lane: 1) else { return }
        do {
            try writer.write(
                made, template: template, id: element.id, time: element.time, key: event.partitionKey,
                traceparent: event.traceparent)
            try writer.rewrite(element.bytes, template: template, id: element.id)
        } catch let error as EventError {
            // Escapes and a longer source may lengthen what was short enough.
            return precondition(error.code == .tooLarge, "an event that was read can be written: \(error)")
        } catch {
            preconditionFailure("only EventError is thrown: \(error)")
        }
        writer.withBytes { written in
            let again = EventScanner.element(in: written)
            precondition(again.malformed == nil && again.unusable == nil, "what is written is read")
            precondition(again.id == element.id && again.time == element.time, "with the same number and time")
            let copy = try? again.makeEvent(of: HTTPRequest.self, in: ByteSlice(copying: written))
            precondition(copy?.data == event.data, "and the same data")
        }
    }
}

/// What the scanner says of an event, to be compared.
struct Verdict: Equatable {
    let malformed: Malformation?
    let unusable: Unusability?
    let id: UInt64
    let source: [UInt8]
    let type: [UInt8]
    let time: Timestamp

    init(_ element: borrowing ScannedElement) {
        malformed = element.malformed
        unusable = element.unusable
        id = element.id
        source = Array(element.source)
        type = Array(element.type)
        time = element.time
    }
}
